import type { Kysely } from 'kysely';
import { Pace } from '../pace.ts';
import { SpanIndex } from '../plan/span-index.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { PlannedTest } from './model.ts';
import { planTest } from './plan-test.ts';
import type { PlanWork } from './ports.ts';
import { loadRevision, saveRevision } from './revision.ts';
import { SpanBatch } from './span-batch.ts';
import { spansAfter, writeSpans } from './span-rows.ts';

/** Most rows of one transaction. A transaction blocks the event loop until it is written. */
const MOST_ROWS = 250;

/** Where planning reads the wanted state from. */
export interface PlanSource {
  /** null: the test is deleted. */
  test(id: number): PlannedTest | null;
  /** The test's checks, including removed ones. */
  everChecks(test: number): readonly number[];
  /** The agents in this scope that match a test's selection now. */
  agentsFor(test: PlannedTest, scope: PlanScope): readonly number[];
  /** Called after a test is planned for all agents and written. `nowMs`: the instant that it was planned for. */
  planned(test: number, nowMs: number): void;
  /** Called after these agents' spans are written. */
  written(agents: ReadonlySet<number>): void;
}

/** What a test is planned for. */
export interface PlanScope {
  /** null: all agents. */
  readonly only: ReadonlySet<number> | null;
  /** Epoch ms. */
  readonly nowMs: number;
  /** Spans assigned to an agent. */
  readonly load: (agent: number) => number;
}

export interface PlanKeeperParts {
  readonly db: Kysely<ConfigSchema>;
  /** Epoch ms. */
  readonly now: () => number;
  readonly source: PlanSource;
}

/**
 * Keeps the spans that are due: in memory by agent and by check, and in the table of spans. It plans only marked tests,
 * in slices, and writes each change to the database before it reports it.
 */
export class PlanKeeper {
  readonly due = new SpanIndex();
  readonly #parts: PlanKeeperParts;
  /** Marked tests with the agents to plan. null: all agents. */
  readonly #marked = new Map<number, Set<number> | null>();
  /** Marked tests whose content has changed. Their agents receive a new assignment even if no span changes. */
  readonly #newContent = new Set<number>();
  /** The last revision at which each agent's assignment changed. */
  readonly #revisions = new Map<number, number>();
  #revision = 0;

  constructor(parts: PlanKeeperParts) {
    this.#parts = parts;
  }

  async load(): Promise<void> {
    const { db, now } = this.#parts;
    this.#revision = await loadRevision(db);
    for await (const spans of spansAfter(db, now())) for (const span of spans) this.due.set(span);
  }

  /** Reads the due spans again after they were changed in the table. */
  async reload(): Promise<void> {
    this.due.clear();
    await this.load();
  }

  /** The revision of an agent's assignment. */
  revisionOf(agent: number): number {
    return this.#revisions.get(agent) ?? this.#revision;
  }

  /** Marks a test to be planned again. */
  mark(test: number, content: 'same content' | 'new content' = 'same content'): void {
    this.#marked.set(test, null);
    if (content === 'new content') this.#newContent.add(test);
  }

  /** Marks one agent of a test to be planned again, where the selection decides on each agent on its own. */
  markAgent(test: number, agent: number): void {
    const marked = this.#marked.get(test);
    if (marked === undefined) this.#marked.set(test, new Set([agent]));
    else marked?.add(agent);
  }

  /** Plans the marked tests and writes the difference. If a write fails, the tests that are not written stay marked. */
  async replan(): Promise<PlanWork> {
    const work = { tests: 0, series: 0, changed: 0, transactions: 0 };
    while (this.#marked.size > 0) {
      const unwritten = new Map(this.#marked);
      this.#marked.clear();
      try {
        await this.#plan(unwritten, work);
      } catch (error) {
        for (const [test, only] of unwritten)
          if (only === null) this.#marked.set(test, null);
          else for (const agent of only) this.markAgent(test, agent);
        throw error;
      }
    }
    return work;
  }

  async #plan(unwritten: Map<number, ReadonlySet<number> | null>, work: Mutable<PlanWork>): Promise<void> {
    const { now, source } = this.#parts;
    const pace = new Pace();
    let batch = new SpanBatch(now());
    const write = async () => {
      await this.#write(batch, pace, work);
      for (const [test, nowMs] of batch.tests) {
        const isWhole = unwritten.get(test) === null;
        unwritten.delete(test);
        if (!isWhole) continue;
        this.#newContent.delete(test);
        source.planned(test, nowMs);
      }
      batch = new SpanBatch(now());
    };
    const rest = async () => {
      if (!pace.isDue) return;
      await pace.rest();
      batch.refresh(now());
    };
    for (const [id, only] of [...unwritten]) {
      const test = source.test(id);
      const startMs = batch.nowMs;
      const load = (agent: number) => this.due.load(agent) + batch.loadChange(agent);
      const agents = test === null ? [] : source.agentsFor(test, { only, nowMs: startMs, load });
      const everChecks = source.everChecks(id);
      for (const changes of planTest({ test, everChecks, agents, only, due: this.due, nowMs: () => batch.nowMs })) {
        batch.add(changes);
        work.series += 1;
        if (batch.size >= MOST_ROWS) await write();
        await rest();
      }
      await rest();
      if (only === null && this.#newContent.has(id))
        for (const check of everChecks) for (const agent of this.due.agentsOf(check).keys()) batch.touch(agent);
      batch.tests.set(id, startMs);
      work.tests += 1;
    }
    await write();
  }

  async #write(batch: SpanBatch, pace: Pace, work: Mutable<PlanWork>): Promise<void> {
    const { db, source } = this.#parts;
    while (!batch.isEmpty) {
      const { touched, ...changes } = batch.take(MOST_ROWS);
      const added = await db.transaction().execute(async (tx) => {
        await saveRevision(tx, this.#revision + 1);
        return writeSpans(tx, changes, batch.nowMs);
      });
      this.#revision += 1;
      this.due.apply({ ...changes, added });
      work.transactions += 1;
      work.changed += changes.added.length + changes.ended.length + changes.closed.length;
      for (const agent of touched) this.#revisions.set(agent, this.#revision);
      source.written(touched);
      if (pace.isDue) await pace.rest();
    }
  }
}

type Mutable<Value> = { -readonly [Name in keyof Value]: Value[Name] };
