import type { Database } from 'better-sqlite3';
import { AgentPlan, type PlanSpan } from './agent-plan.ts';

/** Most spans that are kept in memory, some 150 bytes each. */
const MOST_CACHED_SPANS = 500_000;

const SPANS = `SELECT check_id AS "check", target_id AS target, interval_ms AS intervalMs, from_ms AS fromMs, to_ms AS toMs
FROM assignment_span WHERE agent_id = ?`;

/** The plan as the configuration database has it, read when an agent's first record arrives and again after a change. */
export class Plans {
  readonly #spans;
  readonly #highest;
  readonly #byAgent = new Map<number, AgentPlan>();
  #cachedSpans = 0;
  #given: { readonly check: number; readonly target: number } | null = null;

  /** @param config the configuration database, opened for reading. */
  constructor(config: Database) {
    this.#spans = config.prepare(SPANS);
    this.#highest = config.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck();
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
    this.#given = null;
    for (const agent of agents) {
      this.#cachedSpans -= this.#byAgent.get(agent)?.size ?? 0;
      this.#byAgent.delete(agent);
    }
  }

  /**
   * True where this database never gave the check's or the target's id to anything: they come from a later state of it,
   * before it was restored from a backup, or from nowhere.
   */
  neverGave(check: number, target: number): boolean {
    this.#given ??= { check: this.#highestOf('check'), target: this.#highestOf('target') };
    return check > this.#given.check || target > this.#given.target;
  }

  #highestOf(table: string): number {
    return (this.#highest.get(table) as number | undefined) ?? 0;
  }

  #clear(): void {
    this.#byAgent.clear();
    this.#cachedSpans = 0;
  }
}
