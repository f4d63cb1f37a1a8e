import { seriesTag } from '@netsonde/protocol/schedule-grid';
import type { Database } from 'better-sqlite3';
import { AgentPlan, type PlanSpan } from './agent-plan.ts';
import { History } from './history.ts';
import { Tags } from './tags.ts';

/** Most spans that are kept in memory, some 150 bytes each. */
const MOST_CACHED_SPANS = 500_000;

const SPANS = `SELECT check_id AS "check", target_id AS target, interval_ms AS intervalMs, from_ms AS fromMs, to_ms AS toMs
FROM assignment_span WHERE agent_id = ?`;

/** The plan as the configuration database has it, read when an agent's first record arrives and again after a change. */
export class Plans {
  readonly #spans;
  readonly #history: History;
  readonly #tags: Tags;
  readonly #byAgent = new Map<number, AgentPlan>();
  #cachedSpans = 0;

  /** @param config the configuration database, opened for reading. */
  constructor(config: Database) {
    this.#spans = config.prepare(SPANS);
    this.#history = new History(config);
    this.#tags = new Tags(config);
  }

  of(agent: number): AgentPlan {
    const known = this.#byAgent.get(agent);
    if (known !== undefined) return known;
    const plan = new AgentPlan(agent, this.#spans.all(agent) as PlanSpan[]);
    if (this.#cachedSpans > MOST_CACHED_SPANS) this.#clear();
    this.#byAgent.set(agent, plan);
    this.#cachedSpans += plan.size;
    return plan;
  }

  /** These agents' spans have changed in the database. */
  changed(agents: readonly number[]): void {
    this.#history.changed();
    for (const agent of agents) {
      this.#cachedSpans -= this.#byAgent.get(agent)?.size ?? 0;
      this.#byAgent.delete(agent);
    }
  }

  /**
   * True where this database never gave the ids to this check and target: they come from a state of it that is lost,
   * since it was put back to an older one, or from nowhere.
   * @param tag of the record. undefined: it has none.
   */
  neverGave(check: number, target: number, tag: number | undefined): boolean {
    if (this.#history.neverGave('check', check) || this.#history.neverGave('target', target)) return true;
    if (tag === undefined) return false;
    const own = seriesTag(this.#tags.of('check', check), this.#tags.of('target', target));
    return own !== undefined && own !== tag;
  }

  /** Whether a plan that this database has lost may have had a run at this instant. */
  mayHaveLost(at: number): boolean {
    return this.#history.mayHaveLost(at);
  }

  #clear(): void {
    this.#byAgent.clear();
    this.#cachedSpans = 0;
  }
}
