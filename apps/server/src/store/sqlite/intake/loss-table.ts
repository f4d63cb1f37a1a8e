import type { Drop, MissedRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import { rowCheck } from '../damage/row-check.ts';

interface LossRow {
  readonly kind: 'missed' | 'dropped';
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly reason: string;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The runs of one drop. */
interface LostRuns {
  readonly reason: Drop['reason'];
  readonly runs: readonly Drop['runs'][number][];
  /** Lost runs of which the agent does not know the check any more. */
  readonly unknown: number;
}

/** Runs that never came: missed by the agent, or dropped by it. */
export class LossTable {
  readonly #insert;

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO loss (kind, agent, check_id, target, reason, from_ms, to_ms, count, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
  }

  addMissed(agent: number, { check, target, reason, from, to, count }: MissedRecord): void {
    this.#add({ kind: 'missed', agent, check, target, reason, from, to, count });
  }

  /**
   * @param arrived results of the stretch that are stored after all, by `check/target`: they are not lost.
   * What is not known by series goes under check 0 and target 0, at the time of receipt.
   */
  addDrop(agent: number, drop: LostRuns, arrived: ReadonlyMap<string, number>, receivedMs: number): void {
    let untold = drop.unknown;
    for (const { check, target, count, from, to } of drop.runs) {
      const lost = count - (arrived.get(`${check}/${target}`) ?? 0);
      if (lost > 0) this.#add({ kind: 'dropped', agent, check, target, reason: drop.reason, from, to, count: lost });
    }
    if (drop.runs.length === 0) for (const count of arrived.values()) untold -= count;
    if (untold > 0)
      this.#add({
        kind: 'dropped',
        agent,
        check: 0,
        target: 0,
        reason: drop.reason,
        from: receivedMs,
        to: receivedMs,
        count: untold,
      });
  }

  #add({ kind, agent, check, target, reason, from, to, count }: LossRow): void {
    const [fromMs, toMs] = [Math.min(from, to), Math.max(from, to)];
    const crc = rowCheck('loss', [agent, check, target, fromMs, toMs, count], kind, reason);
    this.#insert.run(kind, agent, check, target, reason, fromMs, toMs, count, crc);
  }
}
