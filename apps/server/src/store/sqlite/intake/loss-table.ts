import type { Drop, MissedRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import { isIntact, rowCheck } from '../damage/row-check.ts';

interface LossOwner {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
}

interface LossRow extends LossOwner {
  readonly kind: 'missed' | 'dropped';
  readonly reason: string;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

type StoredLoss = LossRow & { readonly id: number; readonly crc: number | null };

const isIntactLoss = ({ crc, agent, check, target, from, to, count, kind, reason }: StoredLoss): boolean =>
  isIntact(crc, 'loss', [agent, check, target, from, to, count], kind, reason);

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
  readonly #covering;
  readonly #drop;

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO loss (kind, agent, check_id, target, reason, from_ms, to_ms, count, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#covering = db.prepare(
      `SELECT id, kind, agent, check_id AS "check", target, reason, from_ms AS "from", to_ms AS "to", count, crc FROM loss
       WHERE check_id = ? AND agent = ? AND target = ? AND to_ms >= ? AND from_ms <= ? ORDER BY to_ms LIMIT 100`,
    );
    this.#drop = db.prepare('DELETE FROM loss WHERE id = ?');
  }

  addMissed(agent: number, { check, target, reason, from, to, count }: MissedRecord): void {
    this.#add({ kind: 'missed', agent, check, target, reason, from, to, count });
  }

  /**
   * @param arrived results among the unknown ones that are stored after all: they are not lost.
   * What is not known by series goes under check 0 and target 0, at the time of receipt.
   */
  addDrop(agent: number, drop: LostRuns, arrived: number, receivedMs: number): void {
    const untold = drop.unknown - arrived;
    for (const { check, target, count, from, to } of drop.runs)
      this.#add({ kind: 'dropped', agent, check, target, reason: drop.reason, from, to, count });
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

  /**
   * Takes back one lost run, since a result of its instant is stored now. Of a stretch that is lost completely, the
   * instant is cut out; of another, the count is one less.
   * @returns whether there was one
   */
  takeBack({ agent, check, target, intervalMs }: LossOwner & { readonly intervalMs: number }, at: number): boolean {
    const found = this.#covering.all(check, agent, target, at, at) as StoredLoss[];
    const loss = found.find(isIntactLoss);
    if (loss === undefined) return false;
    this.#drop.run(loss.id);
    const { id: _, crc: __, ...row } = loss;
    const { from, to, count } = row;
    if (count - 1 !== (to - from) / intervalMs) {
      if (count > 1) this.#add({ ...row, count: count - 1 });
      return true;
    }
    const before = (at - from) / intervalMs;
    if (before > 0) this.#add({ ...row, to: at - intervalMs, count: before });
    if (at < to) this.#add({ ...row, from: at + intervalMs, count: count - 1 - before });
    return true;
  }

  #add({ kind, agent, check, target, reason, from, to, count }: LossRow): void {
    const [fromMs, toMs] = [Math.min(from, to), Math.max(from, to)];
    const crc = rowCheck('loss', [agent, check, target, fromMs, toMs, count], kind, reason);
    this.#insert.run(kind, agent, check, target, reason, fromMs, toMs, count, crc);
  }
}
