import type { Drop, MissedRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';

/** Runs that never came: missed by the agent, or dropped by it. */
export class LossTable {
  readonly #insert;

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO loss (kind, agent, check_id, target, reason, from_ms, to_ms, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
  }

  addMissed(agent: number, { check, target, reason, from, to, count }: MissedRecord): void {
    this.#insert.run('missed', agent, check, target, reason, Math.min(from, to), Math.max(from, to), count);
  }

  /**
   * @param arrived results of the stretch that are stored after all, by `check/target`: they are not lost.
   * What cannot be told by series goes under check 0 and target 0, at the time of receipt.
   */
  addDrop(agent: number, drop: Drop, arrived: ReadonlyMap<string, number>, receivedMs: number): void {
    let untold = drop.count;
    for (const { check, target, count, from, to } of drop.runs) {
      untold -= count;
      const lost = count - (arrived.get(`${check}/${target}`) ?? 0);
      if (lost > 0)
        this.#insert.run('dropped', agent, check, target, drop.reason, Math.min(from, to), Math.max(from, to), lost);
    }
    if (drop.runs.length === 0) for (const count of arrived.values()) untold -= count;
    if (untold > 0) this.#insert.run('dropped', agent, 0, 0, drop.reason, receivedMs, receivedMs, untold);
  }
}
