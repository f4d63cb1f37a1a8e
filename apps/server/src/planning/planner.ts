import type { Assignment } from '@netsonde/protocol';
import { notFound } from '../api/problem.ts';
import { loadAgents } from './agent-book.ts';
import { Alarm } from './alarm.ts';
import { assignedChecks, type CheckInTest } from './assignments.ts';
import { Directory } from './directory.ts';
import { type KnownAgent, type PlannedTest, type Span, type TestState, testState } from './model.ts';
import { changesPlans, nextChange } from './next-change.ts';
import type { AgentChange, PlannerParts } from './ports.ts';
import { loadRevision, saveRevision } from './revision.ts';
import { Serial } from './serial.ts';
import { loadDueSpans, writeSpans } from './span-rows.ts';
import { diffSpans, isOver, LEAD_MS, planSpans, spanKey } from './spans.ts';
import type { ValidTest } from './test-input.ts';
import { loadEverKnown, loadTest, loadTests } from './test-rows.ts';
import { timingOfEdit, timingOfNew } from './test-timing.ts';
import { checkTest } from './validate-test.ts';
import { insertTest, rewriteTest } from './write-test.ts';

/** After which plans that could not be written down are made again, ms. */
const RETRY_MS = 2000;

/**
 * Tests and who runs them. Holds all tests and everything that is due in memory, writes each change down before it
 * tells anybody, and is woken by one timer when time itself changes something.
 */
export class Planner {
  readonly directory = new Directory();
  readonly #parts: PlannerParts;
  readonly #tests = new Map<number, PlannedTest>();
  #agents = new Map<number, KnownAgent>();
  /** What is due now or later, or was until a moment ago, by key. */
  #due = new Map<string, Span>();
  /** Last revision at which each agent's work changed. */
  readonly #revisions = new Map<number, number>();
  #revision = 0;
  readonly #states = new Map<number, TestState>();
  /** Whose content has changed since the agents were told last. */
  readonly #touchedChecks = new Set<number>();
  readonly #refusals = new Map<number, ReadonlyMap<number, string>>();
  readonly #serial = new Serial();
  readonly #alarm: Alarm;
  #closed = false;

  private constructor(parts: PlannerParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.now, () => this.#later());
  }

  /** Loads what is written down, ends the deletions that a crash cut short, and starts the timer. */
  static async open(parts: PlannerParts): Promise<Planner> {
    const planner = new Planner(parts);
    await planner.#load();
    return planner;
  }

  async #load(): Promise<void> {
    const { db, catalog, now, store } = this.#parts;
    for (const test of await loadTests(db, catalog)) this.#tests.set(test.id, test);
    this.#agents = await loadAgents(db, now());
    this.#due = await loadDueSpans(db, now());
    this.#revision = await loadRevision(db);
    this.directory.add(await loadEverKnown(db));
    await store.setChecks(this.directory.checks());
    await this.#purgeDeleted();
    for (const test of this.#tests.values()) this.#states.set(test.id, testState(test, now()));
    await this.#serial.run(() => this.#reconcile(new Set()));
  }

  // What fleet and API ask

  /** All that an agent has to do now. */
  assignment(agent: number): Assignment {
    const spans = [...this.#due.values()].filter((span) => span.agent === agent);
    const lookup = this.#checkLookup();
    return {
      revision: this.#revisions.get(agent) ?? this.#revision,
      checks: assignedChecks(spans, (id) => lookup.get(id)),
    };
  }

  tests(): readonly PlannedTest[] {
    return [...this.#tests.values()];
  }

  /** @throws ApiProblem 404 */
  test(id: number): PlannedTest {
    const test = this.#tests.get(id);
    if (test === undefined) throw notFound('test', id);
    return test;
  }

  agents(): ReadonlyMap<number, KnownAgent> {
    return this.#agents;
  }

  /** Agents that run each test now, by test id. */
  assignedAgents(): ReadonlyMap<number, ReadonlySet<number>> {
    const assigned = new Map<number, Set<number>>();
    for (const { check, agent } of this.#dueNow()) {
      const test = this.directory.check(check)?.test;
      if (test === undefined) continue;
      const agents = assigned.get(test);
      if (agents === undefined) assigned.set(test, new Set([agent]));
      else agents.add(agent);
    }
    return assigned;
  }

  /** How many checks each agent has to run, by agent id. */
  checkCounts(): ReadonlyMap<number, number> {
    const checks = new Map<number, Set<number>>();
    for (const { agent, check } of this.#dueNow()) {
      const known = checks.get(agent);
      if (known === undefined) checks.set(agent, new Set([check]));
      else known.add(check);
    }
    return new Map([...checks].map(([agent, known]) => [agent, known.size]));
  }

  #dueNow(): readonly Span[] {
    const nowMs = this.#parts.now();
    return [...this.#due.values()].filter((span) => !isOver(span, nowMs));
  }

  /** Why an agent will not run a check, in its own words; undefined: it does not say so. */
  refusal(agent: number, check: number): string | undefined {
    return this.#refusals.get(agent)?.get(check);
  }

  // What people do

  /** @throws ApiProblem 422 with the wrong fields. */
  create(input: ValidTest, by: string): Promise<PlannedTest> {
    return this.#serial.run(async () => {
      const { db, catalog, defaults, now } = this.#parts;
      checkTest(input, catalog, this.#agents);
      const at = now();
      const id = await db
        .transaction()
        .execute((tx) => insertTest(tx, input, timingOfNew(input, defaults, at), { at, by }));
      await this.#refresh(id);
      this.#parts.onTest(id, 'created');
      return this.test(id);
    });
  }

  /** @throws ApiProblem 404, 422 */
  edit(id: number, input: ValidTest): Promise<PlannedTest> {
    return this.#serial.run(async () => {
      const { db, catalog, now } = this.#parts;
      const test = this.test(id);
      checkTest(input, catalog, this.#agents);
      const at = now();
      await db.transaction().execute((tx) => rewriteTest(tx, catalog, test, input, timingOfEdit(input, test, at), at));
      await this.#refresh(id);
      this.#parts.onTest(id, 'changed');
      return this.test(id);
    });
  }

  /** Starts a test now, for its whole duration; one that runs already goes on. @throws ApiProblem 404 */
  start(id: number): Promise<PlannedTest> {
    return this.#serial.run(async () => {
      const test = this.test(id);
      const at = this.#parts.now();
      if (testState(test, at) === 'running') return test;
      const end = test.durationMs === null ? null : at + test.durationMs;
      await this.#setTiming(id, { start_at: at, end_at: end, stopped_at: null });
      return this.test(id);
    });
  }

  /** Nothing is due any more a moment from now; one that does not run stays as it is. @throws ApiProblem 404 */
  stop(id: number): Promise<PlannedTest> {
    return this.#serial.run(async () => {
      const test = this.test(id);
      const state = testState(test, this.#parts.now());
      if (state === 'running' || state === 'scheduled')
        await this.#setTiming(id, { stopped_at: this.#parts.now() + LEAD_MS });
      return this.test(id);
    });
  }

  /** Deletes a test with all its results. @throws ApiProblem 404 */
  delete(id: number): Promise<void> {
    return this.#serial.run(async () => {
      this.test(id);
      await this.#parts.db.updateTable('test').set({ deleted_at: this.#parts.now() }).where('id', '=', id).execute();
      this.#tests.delete(id);
      this.#states.delete(id);
      await this.#reconcile(new Set());
      this.directory.forgetTest(id);
      await this.#parts.store.setChecks(this.directory.checks());
      await this.#purgeDeleted();
      this.#parts.onTest(id, 'deleted');
    });
  }

  // What agents do

  /** An agent came, went, was enrolled, changed or revoked. A new one needs all its fields. */
  agentChanged(change: AgentChange): void {
    const known = this.#agents.get(change.id);
    const blank = {
      name: `agent ${change.id}`,
      labels: {},
      capabilities: [],
      revoked: false,
      offlineSinceMs: this.#parts.now(),
    };
    const agent = { ...blank, ...known, ...change };
    this.#agents.set(change.id, agent);
    if (changesPlans(known, agent, this.#tests.values())) this.#later();
  }

  /** Which of its checks an agent will not run, and why; replaces what it said before. */
  agentRefuses(agent: number, refused: readonly { readonly check: number; readonly reason: string }[]): void {
    const reasons = new Map<number, string[]>();
    for (const { check, reason } of refused) reasons.set(check, [...(reasons.get(check) ?? []), reason]);
    this.#refusals.set(agent, new Map([...reasons].map(([check, all]) => [check, spoken(all)])));
  }

  /** Resolves when everything that was begun is written down. */
  settled(): Promise<void> {
    return this.#serial.run(async () => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm.clear();
    await this.settled();
  }

  async #setTiming(
    id: number,
    timing: { start_at?: number; end_at?: number | null; stopped_at: number | null },
  ): Promise<void> {
    await this.#parts.db.updateTable('test').set(timing).where('id', '=', id).execute();
    await this.#refresh(id);
  }

  /** Takes a written test into memory and works out what that changes. */
  async #refresh(id: number): Promise<void> {
    const { db, catalog, store } = this.#parts;
    const before = this.#tests.get(id);
    const test = await loadTest(db, catalog, id);
    this.#tests.set(id, test);
    const checks = test.checks.map((check) => ({ id: check.id, test: id, probe: check.probe }));
    this.directory.add({
      checks,
      targets: test.targets.map((target) => ({ id: target.id, test: id, address: target.address })),
    });
    if (before === undefined || checks.some((check) => !before.checks.some((known) => known.id === check.id)))
      await store.setChecks(this.directory.checks());
    await this.#reconcile(new Set(test.checks.map((check) => check.id)));
  }

  #later(): void {
    if (this.#closed) return;
    this.#serial
      .coalesce(() => (this.#closed ? Promise.resolve() : this.#reconcile(new Set())))
      .catch(this.#parts.onError);
  }

  /** Plans; where that fails (a disk that is full), it is done again a little later. */
  async #reconcile(touchedChecks: ReadonlySet<number>): Promise<void> {
    for (const check of touchedChecks) this.#touchedChecks.add(check);
    try {
      await this.#plan();
      this.#touchedChecks.clear();
    } catch (error) {
      if (!this.#closed) this.#alarm.set(this.#parts.now() + RETRY_MS);
      throw error;
    }
  }

  /** Works out who is due for what now, writes the difference down, then tells the agents concerned. */
  async #plan(): Promise<void> {
    const { db, now, patienceMs } = this.#parts;
    const nowMs = now();
    const agents = [...this.#agents.values()];
    const planned = planSpans({
      tests: this.#tests.values(),
      agents,
      spans: this.#due,
      nowMs,
      awaySinceMs: nowMs - patienceMs,
    });
    const changes = diffSpans(this.#due, planned);
    const changed = [...changes.added, ...changes.ended, ...changes.closed];
    const touched = new Set(changed.map(({ agent }) => agent));
    for (const span of planned.values()) if (this.#touchedChecks.has(span.check)) touched.add(span.agent);
    if (touched.size > 0) {
      const stored = await db.transaction().execute(async (tx) => {
        await saveRevision(tx, this.#revision + 1);
        return writeSpans(tx, changes, nowMs);
      });
      this.#revision += 1;
      for (const span of stored) planned.set(spanKey(span), span);
    }
    this.#due = planned;
    this.#tellStates(nowMs);
    for (const agent of touched) this.#revisions.set(agent, this.#revision);
    for (const agent of touched) this.#parts.onAssignment(agent);
    if (!this.#closed) this.#alarm.set(nextChange(this.#tests.values(), agents, nowMs, patienceMs));
  }

  #tellStates(nowMs: number): void {
    for (const [id, test] of this.#tests) {
      const state = testState(test, nowMs);
      const before = this.#states.get(id);
      this.#states.set(id, state);
      if (before === undefined || before === state) continue;
      this.#parts.onTest(id, state === 'running' ? 'started' : state === 'scheduled' ? 'changed' : state);
    }
  }

  #checkLookup(): ReadonlyMap<number, CheckInTest> {
    return new Map(
      [...this.#tests.values()].flatMap((test) => test.checks.map((check) => [check.id, { test, check }] as const)),
    );
  }

  /** Forgets the results of deleted tests, then their rows: in this order, so that a crash in between loses nothing of the duty. */
  async #purgeDeleted(): Promise<void> {
    const { db, store } = this.#parts;
    const rows = await db
      .selectFrom('check')
      .innerJoin('test', 'test.id', 'check.test_id')
      .select('check.id')
      .where('test.deleted_at', 'is not', null)
      .execute();
    if (rows.length > 0) await store.forget(rows.map(({ id }) => id));
    await db.deleteFrom('test').where('deleted_at', 'is not', null).execute();
  }
}

/** A check may be refused against several of its targets. */
function spoken(reasons: readonly string[]): string {
  const more = reasons.length - 1;
  return more > 0 ? `${reasons[0]} (and ${more} more of its targets)` : (reasons[0] ?? '');
}
