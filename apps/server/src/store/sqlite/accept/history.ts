import type { Database } from 'better-sqlite3';

/**
 * How long after the server was put back agents may still run the plan that it has lost, ms: those that cannot reach it
 * have heard of no other.
 */
const LOST_PLAN_MS = 7 * 86_400_000;
/** How far the clocks of agents and server may differ, ms. */
const CLOCKS_MS = 60_000;

interface Change {
  readonly lostFromMs: number;
  readonly beganMs: number;
  readonly checkFrom: number;
  readonly checkTo: number;
  readonly targetFrom: number;
  readonly targetTo: number;
}

interface Known {
  readonly check: number;
  readonly target: number;
  readonly changes: readonly Change[];
}

const CHANGES = `SELECT lost_from_ms AS lostFromMs, began_ms AS beganMs, check_from AS checkFrom, check_to AS checkTo,
target_from AS targetFrom, target_to AS targetTo FROM incarnation WHERE lost_from_ms IS NOT NULL ORDER BY id DESC LIMIT 100`;

/** What the configuration database has lost, by its list of incarnations. */
export class History {
  readonly #highest;
  readonly #changes;
  #known: Known | null = null;

  /** @param config the configuration database, opened for reading. */
  constructor(config: Database) {
    this.#highest = config.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck();
    this.#changes = config.prepare(CHANGES);
  }

  /** Ids or incarnations were added. */
  changed(): void {
    this.#known = null;
  }

  /** Whether this database never gave an id: it is beyond the highest, or among those that a new incarnation skipped. */
  neverGave(table: 'check' | 'target', id: number): boolean {
    const { changes, ...highest } = this.#read();
    if (id > highest[table]) return true;
    return changes.some(({ checkFrom, checkTo, targetFrom, targetTo }) =>
      table === 'check' ? id >= checkFrom && id <= checkTo : id >= targetFrom && id <= targetTo,
    );
  }

  mayHaveLost(at: number): boolean {
    return this.#read().changes.some(
      ({ lostFromMs, beganMs }) => at >= lostFromMs - CLOCKS_MS && at <= beganMs + LOST_PLAN_MS,
    );
  }

  #read(): Known {
    this.#known ??= {
      check: this.#highestOf('check'),
      target: this.#highestOf('target'),
      changes: this.#changes.all() as Change[],
    };
    return this.#known;
  }

  #highestOf(table: string): number {
    return (this.#highest.get(table) as number | undefined) ?? 0;
  }
}
