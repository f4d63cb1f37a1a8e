import type { ClockCorrection } from '@netsonde/metrics';
import type { Assignment } from '@netsonde/protocol';
import { notFound } from '../api/problem.ts';
import { LEAD_MS } from '../plan/span.ts';
import { loadAgents } from './agent-book.ts';
import { Alarm } from './alarm.ts';
import { assignedChecks, type CheckInTest } from './assignments.ts';
import { Directory } from './directory.ts';
import { dutyEnded, type KnownAgent, type PlannedTest, type TestState, testState } from './model.ts';
import { nextBoundary } from './next-boundary.ts';
import { PlanKeeper, type PlanScope } from './plan-keeper.ts';
import type { AgentChange, PlannerParts } from './ports.ts';
import { purgeDeleted } from './purge-deleted.ts';
import { reconsiderTimes } from './reconsider-times.ts';
import { RefusalBook, type RefusedCheck } from './refusal-book.ts';
import { isSelected, selectAgents } from './select-agents.ts';
import { Serial } from './serial.ts';
import type { ValidTest } from './test-input.ts';
import { loadEverKnown, loadTest, loadTests } from './test-rows.ts';
import { timingOfEdit, timingOfNew } from './test-timing.ts';
import { holdersOf, type Situation, testsTouchedBy, testsWithout } from './touched-tests.ts';
import { checkTest } from './validate-test.ts';
import { insertTest, rewriteTest } from './write-test.ts';

/** Wait before planning is retried after a failed write, ms. */
const RETRY_MS = 2000;

/**
 * Decides which agent runs which test. It keeps all tests and all due spans in memory, and writes each change to the
 * database before it reports it. One timer wakes it for changes due by time. A change plans only the tests it affects.
 */
export class Planner {
  readonly directory = new Directory();
  readonly #parts: PlannerParts;
  readonly #plan: PlanKeeper;
  readonly #tests = new Map<number, PlannedTest>();
  readonly #checks = new Map<number, CheckInTest>();
  #agents = new Map<number, KnownAgent>();
  readonly #states = new Map<number, TestState>();
  /** When time next changes the spans of a test, epoch ms, by test. */
  readonly #boundaries = new Map<number, number>();
  /** When each agent without a session counts as away, epoch ms. */
  readonly #awayAt = new Map<number, number>();
  readonly #refusals = new RefusalBook();
  readonly #serial = new Serial();
  readonly #alarm: Alarm;
  #storeLacksChecks = true;
  #closed = false;

  private constructor(parts: PlannerParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.now, () => this.#later());
    this.#plan = new PlanKeeper({
      db: parts.db,
      now: parts.now,
      source: {
        test: (id) => this.#tests.get(id) ?? null,
        everChecks: (test) => this.directory.checkIds(test),
        agentsFor: (test, scope) => this.#agentsFor(test, scope),
        planned: (test, nowMs) => this.#planned(test, nowMs),
        written: (agents) => {
          parts.store.planChanged([...agents]);
          for (const agent of agents) parts.onAssignment(agent);
        },
      },
    });
  }

  /** Loads the stored state, completes deletions that a crash interrupted, and starts the timer. */
  static async open(parts: PlannerParts): Promise<Planner> {
    const planner = new Planner(parts);
    await planner.#load();
    return planner;
  }

  async #load(): Promise<void> {
    const { db, catalog, now, store, patienceMs } = this.#parts;
    for (const test of await loadTests(db, catalog)) this.#remember(test);
    this.#agents = await loadAgents(db, now());
    for (const { id, offlineSinceMs } of this.#agents.values())
      if (offlineSinceMs !== null) this.#awayAt.set(id, offlineSinceMs + patienceMs);
    await this.#plan.load();
    this.directory.add(await loadEverKnown(db));
    await this.#writeChecks();
    await purgeDeleted(db, store);
    for (const test of this.#tests.values()) {
      this.#states.set(test.id, testState(test, now()));
      this.#plan.mark(test.id);
    }
    await this.#serial.run(() => this.#reconcile());
  }

  // Queries from the fleet and the API

  /** An agent's whole assignment as of now. */
  assignment(agent: number): Assignment {
    const checks = assignedChecks(
      this.#plan.due.ofAgent(agent),
      (id) => this.#checks.get(id),
      (target) => this.directory.target(target),
    );
    return { revision: this.#plan.revisionOf(agent), checks };
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

  /** Agents that a test is assigned to now. */
  assignedTo(test: PlannedTest): ReadonlySet<number> {
    return new Set(this.#isOver(test) ? [] : holdersOf(test, this.#plan.due));
  }

  /** How many checks are assigned to an agent now. */
  checkCount(agent: number): number {
    let count = 0;
    for (const check of this.#plan.due.checksOf(agent)) {
      const test = this.#checks.get(check)?.test;
      if (test !== undefined && !this.#isOver(test)) count += 1;
    }
    return count;
  }

  /** Whether the test has no due spans left. */
  #isOver(test: PlannedTest): boolean {
    return dutyEnded(test, this.#parts.now()) !== null;
  }

  /** The reason that an agent gave for refusing a check. undefined: it did not refuse it. */
  refusal(agent: number, check: number): string | undefined {
    return this.#refusals.ofCheck(agent, check);
  }

  /** The reason that an agent gave for refusing a check against this target. undefined: it did not refuse it. */
  targetRefusal(agent: number, check: number, target: number): string | undefined {
    return this.#refusals.ofTarget(agent, check, target);
  }

  /** Due series of a check, as `VerdictQuestion` has them. */
  dueSeries(check: number): Float64Array {
    return this.#plan.due.seriesOf(check);
  }

  // Commands from users

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
      checkTest(input, catalog, this.#agents, new Set(test.targets.map(({ address }) => address)));
      const at = now();
      await db.transaction().execute((tx) => rewriteTest(tx, catalog, test, input, timingOfEdit(input, test, at), at));
      await this.#refresh(id);
      this.#parts.onTest(id, 'changed');
      return this.test(id);
    });
  }

  /** Starts a test now, for its whole duration. A running test goes on. @throws ApiProblem 404 */
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

  /** Ends the test's spans a moment from now. A test that does not run is left unchanged. @throws ApiProblem 404 */
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
      const { db, store, now, onTest } = this.#parts;
      const test = this.test(id);
      await db.updateTable('test').set({ deleted_at: now() }).where('id', '=', id).execute();
      this.#tests.delete(id);
      for (const check of test.checks) this.#checks.delete(check.id);
      this.#plan.mark(id);
      await this.#reconcile();
      this.directory.forgetTest(id);
      await purgeDeleted(db, store);
      onTest(id, 'deleted');
    });
  }

  // Events from agents

  /** An agent connected, disconnected, was enrolled, changed or revoked. A new agent needs all its fields. */
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
    this.#noteAbsence(agent);
    const concerned = [...testsTouchedBy(known, agent, this.#tests.values(), this.#situation())];
    for (const { id, selection } of concerned)
      if (selection.by === 'any') this.#plan.mark(id);
      else this.#plan.markAgent(id, agent.id);
    if (concerned.length > 0) this.#later();
  }

  /** The checks that an agent refuses, with reasons. Replaces its previous list. */
  agentRefuses(agent: number, refused: readonly RefusedCheck[]): void {
    this.#refusals.set(agent, refused);
  }

  /**
   * The best estimate of the time was corrected. What was decided by the wrong one is decided again: tests that were started
   * or stopped meanwhile, and the instants from which they are due.
   */
  clockCorrected(correction: ClockCorrection): void {
    this.#serial
      .run(async () => {
        const { db, catalog, now, store, onAssignment } = this.#parts;
        if (this.#closed) return;
        await reconsiderTimes(db, correction, now());
        for (const test of await loadTests(db, catalog)) this.#remember(test);
        await this.#plan.reload();
        for (const id of this.#tests.keys()) this.#plan.mark(id, 'new content');
        await this.#reconcile();
        store.planChanged([...this.#agents.keys()]);
        for (const agent of this.#agents.keys()) onAssignment(agent);
      })
      .catch(this.#parts.onError);
  }

  /** Plans what has become due by now, as the timer does. */
  planByTime(): Promise<void> {
    return this.#serial.run(() => this.#reconcile());
  }

  /** Resolves once all work under way is written. */
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

  /** Loads a written test into memory and marks what it changes. */
  async #refresh(id: number): Promise<void> {
    const { db, catalog } = this.#parts;
    const before = this.#tests.get(id);
    const test = await loadTest(db, catalog, id);
    for (const check of before?.checks ?? []) this.#checks.delete(check.id);
    this.#remember(test);
    const checks = test.checks.map((check) => ({ id: check.id, test: id, probe: check.probe }));
    this.directory.add({
      checks,
      targets: test.targets.map((target) => ({ id: target.id, test: id, address: target.address, tag: target.tag })),
    });
    const added = checks.filter((check) => !before?.checks.some((known) => known.id === check.id));
    if (added.length > 0) await this.#writeChecks(added.map(({ id: check, probe }) => ({ check, probe })));
    this.#plan.mark(id, 'new content');
    await this.#reconcile();
  }

  /** Writes added checks to the store: all of them where it may lack some, since a write failed or none was made yet. */
  async #writeChecks(added: readonly { readonly check: number; readonly probe: string }[] = []): Promise<void> {
    const { store } = this.#parts;
    const lacksSome = this.#storeLacksChecks;
    this.#storeLacksChecks = true;
    await (lacksSome ? store.setChecks(this.directory.checks()) : store.addChecks(added));
    this.#storeLacksChecks = false;
  }

  #remember(test: PlannedTest): void {
    this.#tests.set(test.id, test);
    for (const check of test.checks) this.#checks.set(check.id, { test, check });
  }

  #later(): void {
    if (this.#closed) return;
    this.#serial.coalesce(() => (this.#closed ? Promise.resolve() : this.#reconcile())).catch(this.#parts.onError);
  }

  /** Plans the marked tests and those changed by time. If that fails (a full disk), it is retried a little later. */
  async #reconcile(): Promise<void> {
    const { now, onPlanned } = this.#parts;
    try {
      if (this.#storeLacksChecks) await this.#writeChecks();
      this.#markByTime(now());
      const work = await this.#plan.replan();
      if (work.tests > 0) onPlanned?.(work);
    } catch (error) {
      if (!this.#closed) this.#alarm.set(now() + RETRY_MS);
      throw error;
    }
    if (!this.#closed) this.#alarm.set(this.#nextChange());
  }

  #agentsFor(test: PlannedTest, { only, nowMs, load }: PlanScope): readonly number[] {
    const { selection } = test;
    if (only !== null && selection.by !== 'any')
      return [...only].filter((agent) => isSelected(selection, this.#agents.get(agent)));
    return selectAgents(test.selection, {
      agents: this.#agents,
      holders: new Set(test.selection.by === 'any' ? holdersOf(test, this.#plan.due) : []),
      awaySinceMs: nowMs - this.#parts.patienceMs,
      load,
    });
  }

  #situation(): Situation {
    const nowMs = this.#parts.now();
    return { agents: this.#agents, due: this.#plan.due, nowMs, awaySinceMs: nowMs - this.#parts.patienceMs };
  }

  #noteAbsence({ id, offlineSinceMs }: KnownAgent): void {
    if (offlineSinceMs === null) {
      this.#awayAt.delete(id);
      return;
    }
    const awayMs = offlineSinceMs + this.#parts.patienceMs;
    if (this.#awayAt.get(id) === awayMs) return;
    this.#awayAt.set(id, awayMs);
    if (!this.#closed && this.#hasAnySelection()) this.#alarm.setAtLatest(awayMs);
  }

  /** Marks the tests that time has changed: a start, an end and its tail, an agent that counts as away now. */
  #markByTime(nowMs: number): void {
    for (const [test, atMs] of this.#boundaries) if (atMs <= nowMs) this.#plan.mark(test);
    const away = new Set([...this.#awayAt].flatMap(([agent, atMs]) => (atMs <= nowMs ? [agent] : [])));
    for (const test of testsWithout(away, this.#tests.values(), this.#situation())) this.#plan.mark(test);
    for (const agent of away) this.#awayAt.delete(agent);
  }

  /** The next instant at which time changes the plan, epoch ms. null: none. */
  #nextChange(): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const atMs of this.#boundaries.values()) next = Math.min(next, atMs);
    if (this.#hasAnySelection()) for (const atMs of this.#awayAt.values()) next = Math.min(next, atMs);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  #hasAnySelection(): boolean {
    for (const { selection } of this.#tests.values()) if (selection.by === 'any') return true;
    return false;
  }

  #planned(id: number, nowMs: number): void {
    const test = this.#tests.get(id);
    const boundary = test === undefined ? null : nextBoundary(test, nowMs);
    if (boundary === null) this.#boundaries.delete(id);
    else this.#boundaries.set(id, boundary);
    if (test === undefined) this.#states.delete(id);
    else this.#reportState(test, nowMs);
  }

  #reportState(test: PlannedTest, nowMs: number): void {
    const state = testState(test, nowMs);
    const before = this.#states.get(test.id);
    this.#states.set(test.id, state);
    if (before === undefined || before === state) return;
    this.#parts.onTest(test.id, state === 'running' ? 'started' : state === 'scheduled' ? 'changed' : state);
  }
}
