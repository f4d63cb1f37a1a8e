import type { Database } from 'better-sqlite3';
import { countNote, type DamageNote, type DamageNotes } from '../damage/damaged.ts';
import { checkOfGrown, isIntact, rowCheck } from '../damage/row-check.ts';
import type { Refusal } from './refusal.ts';

/** Most pairs of check and target that an agent's refusals are counted by; the rest counts under 0 and 0. */
const MOST_KEYS = 1000;
/** Most rows of refused instants that an agent has in the ledger; what is refused beyond stays outstanding there. */
const MOST_DUE_ROWS = 20_000;
const HOUR_MS = 3_600_000;

export const REFUSAL_TABLES = `
CREATE TABLE IF NOT EXISTS refused (
  agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, crc INTEGER,
  PRIMARY KEY (agent, check_id, target, reason)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused_due (
  agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL, reason TEXT NOT NULL, hour INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, count INTEGER NOT NULL, crc INTEGER,
  PRIMARY KEY (agent, check_id, target, reason, hour)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refused_due_check ON refused_due (check_id, to_ms);
`;

interface RefusedKey {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly reason: string;
}

interface Waiting extends RefusedKey {
  count: number;
  readonly firstMs: number;
  lastMs: number;
}

/** Rows of both tables as they are stored, by the names of `REFUSED_COLUMNS` and `DUE_COLUMNS`. */
export interface RefusedRow extends RefusedKey {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly crc: number | null;
}

export interface RefusedDueRow extends RefusedKey {
  readonly hour: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly crc: number | null;
}

export const REFUSED_COLUMNS =
  'agent, check_id AS "check", target, reason, count, first_ms AS firstMs, last_ms AS lastMs, crc';
export const DUE_COLUMNS =
  'agent, check_id AS "check", target, reason, hour, from_ms AS fromMs, to_ms AS toMs, count, crc';

const refusedColumns = ({ agent, check, target, count, firstMs, lastMs }: Omit<RefusedRow, 'crc'>) => [
  agent,
  check,
  target,
  count,
  firstMs,
  lastMs,
];

const dueColumns = ({ agent, check, target, hour, fromMs, toMs, count }: Omit<RefusedDueRow, 'crc'>) => [
  agent,
  check,
  target,
  hour,
  fromMs,
  toMs,
  count,
];

export const isIntactRefused = (row: RefusedRow): boolean =>
  isIntact(row.crc, 'refused', refusedColumns(row), row.reason);

export const isIntactDue = (row: RefusedDueRow): boolean =>
  isIntact(row.crc, 'refused_due', dueColumns(row), row.reason);

export const refusedNote = ({ agent, check, target, reason }: RefusedRow): DamageNote =>
  countNote('refused', `agent ${agent}, check ${check}, target ${target}, ${reason}`);

export const dueNote = ({ agent, check, target, reason, hour }: RefusedDueRow): DamageNote =>
  countNote('refused_due', `agent ${agent}, check ${check}, target ${target}, ${reason}, hour ${hour}`);

/** Records damaged rows of both tables. */
export function* checkRefusals(db: Database, notes: DamageNotes): Generator<number, void> {
  let rows = 0;
  for (const row of db.prepare(`SELECT ${REFUSED_COLUMNS} FROM refused`).all() as RefusedRow[]) {
    if (!isIntactRefused(row)) notes.add(refusedNote(row));
    if (++rows % 200 === 0) yield 200 * 60;
  }
  const agents = db.prepare('SELECT DISTINCT agent FROM refused_due').pluck().all() as number[];
  const ofAgent = db.prepare(`SELECT ${DUE_COLUMNS} FROM refused_due WHERE agent = ?`);
  for (const agent of agents)
    for (const row of ofAgent.all(agent) as RefusedDueRow[]) {
      if (!isIntactDue(row)) notes.add(dueNote(row));
      if (++rows % 200 === 0) yield 200 * 60;
    }
}

interface WaitingDue extends RefusedKey {
  readonly hour: number;
  count: number;
  fromMs: number;
  toMs: number;
}

/** What one agent has in the tables already. */
interface Held {
  readonly keys: Set<string>;
  dueRows: number;
}

/**
 * Counts refused records, in memory until `flush`: by agent, check, target and reason, with the time of receipt; and,
 * where a record would have accounted for a planned instant, that instant for the ledger.
 */
export class RefusalTable {
  readonly #waiting = new Map<string, Waiting>();
  readonly #waitingDue = new Map<string, WaitingDue>();
  readonly #held = new Map<number, Held>();
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      keys: db.prepare('SELECT DISTINCT check_id, target FROM refused WHERE agent = ?').raw(),
      dueRows: db.prepare('SELECT count(*) FROM refused_due WHERE agent = ?').pluck(),
      hasDue: db
        .prepare(
          'SELECT 1 FROM refused_due WHERE agent = ? AND check_id = ? AND target = ? AND reason = ? AND hour = ?',
        )
        .pluck(),
      refused: db.prepare(
        `SELECT ${REFUSED_COLUMNS} FROM refused WHERE agent = ? AND check_id = ? AND target = ? AND reason = ?`,
      ),
      due: db.prepare(
        `SELECT ${DUE_COLUMNS} FROM refused_due
         WHERE agent = ? AND check_id = ? AND target = ? AND reason = ? AND hour = ?`,
      ),
      dueOf: db.prepare(
        `SELECT ${DUE_COLUMNS} FROM refused_due
         WHERE agent = ? AND check_id = ? AND target = ? AND hour = ? AND from_ms <= ? AND to_ms >= ?`,
      ),
      dropDue: db.prepare(
        'DELETE FROM refused_due WHERE agent = ? AND check_id = ? AND target = ? AND reason = ? AND hour = ?',
      ),
      count: db.prepare('INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
      countDue: db.prepare('INSERT OR REPLACE INTO refused_due VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    };
  }

  /** @param runs how many runs the record stood for. */
  add(agent: number, { reason, check, target, dueMs }: Refusal, receivedMs: number, runs = 1): void {
    const held = this.#heldBy(agent);
    if (dueMs !== null) this.#addDue(agent, held, { reason, check, target, dueMs });
    let pair = `${check}/${target}`;
    if (!held.keys.has(pair)) {
      if (held.keys.size >= MOST_KEYS) pair = '0/0';
      else held.keys.add(pair);
    }
    const key = `${agent}/${pair}/${reason}`;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.count += runs;
      waiting.lastMs = receivedMs;
    } else {
      const named = pair === '0/0' ? { check: 0, target: 0 } : { check, target };
      this.#waiting.set(key, { agent, ...named, reason, count: runs, firstMs: receivedMs, lastMs: receivedMs });
    }
  }

  /** Takes back one refused run, since a result of its instant is stored now. */
  takeBack(agent: number, check: number, target: number, at: number): void {
    const isOf = (one: Omit<RefusedDueRow, 'crc'>) =>
      one.agent === agent && one.check === check && one.target === target && one.fromMs <= at && at <= one.toMs;
    for (const [key, waiting] of this.#waitingDue)
      if (isOf(waiting)) {
        waiting.count -= 1;
        if (waiting.count === 0) this.#waitingDue.delete(key);
        return;
      }
    const [row] = this.#sql.dueOf.all(agent, check, target, Math.floor(at / HOUR_MS), at, at) as RefusedDueRow[];
    if (row === undefined || !isIntactDue(row)) return;
    const { reason, hour, fromMs, toMs } = row;
    const count = row.count - 1;
    if (count === 0) this.#sql.dropDue.run(agent, check, target, reason, hour);
    else {
      const crc = rowCheck('refused_due', dueColumns({ ...row, count }), reason);
      this.#sql.countDue.run(agent, check, target, reason, hour, fromMs, toMs, count, crc);
    }
  }

  /** Writes what was counted, inside the caller's transaction. */
  flush(): void {
    for (const one of this.#waiting.values()) this.#addCount(one);
    for (const one of this.#waitingDue.values()) this.#addDueCount(one);
    this.#waiting.clear();
    this.#waitingDue.clear();
  }

  #addCount(waiting: Waiting): void {
    const { agent, check, target, reason } = waiting;
    const before = this.#sql.refused.get(agent, check, target, reason) as RefusedRow | undefined;
    const row = {
      ...waiting,
      count: waiting.count + (before?.count ?? 0),
      firstMs: Math.min(waiting.firstMs, before?.firstMs ?? waiting.firstMs),
      lastMs: Math.max(waiting.lastMs, before?.lastMs ?? waiting.lastMs),
    };
    const crc = checkOfGrown(before === undefined || isIntactRefused(before), 'refused', refusedColumns(row), reason);
    this.#sql.count.run(agent, check, target, reason, row.count, row.firstMs, row.lastMs, crc);
  }

  /** Instants that the stored row already spans are counted again only as far as they are more than it has. */
  #addDueCount(waiting: WaitingDue): void {
    const { agent, check, target, reason, hour, fromMs, toMs, count } = waiting;
    const before = this.#sql.due.get(agent, check, target, reason, hour) as RefusedDueRow | undefined;
    const row = { ...waiting };
    if (before !== undefined) {
      const isApart = fromMs > before.toMs || toMs < before.fromMs;
      row.count = isApart ? before.count + count : Math.max(before.count, count);
      row.fromMs = Math.min(fromMs, before.fromMs);
      row.toMs = Math.max(toMs, before.toMs);
    }
    const crc = checkOfGrown(before === undefined || isIntactDue(before), 'refused_due', dueColumns(row), reason);
    this.#sql.countDue.run(agent, check, target, reason, hour, row.fromMs, row.toMs, row.count, crc);
  }

  clear(): void {
    this.#waiting.clear();
    this.#waitingDue.clear();
    this.#held.clear();
  }

  #addDue(
    agent: number,
    held: Held,
    { reason, check, target, dueMs }: { reason: string; check: number; target: number; dueMs: number },
  ): void {
    const hour = Math.floor(dueMs / HOUR_MS);
    const key = `${agent}/${check}/${target}/${reason}/${hour}`;
    const waiting = this.#waitingDue.get(key);
    if (waiting !== undefined) {
      // Only what lies beyond the instants before it is a new one: an instant that is sent twice counts once.
      if (dueMs > waiting.toMs || dueMs < waiting.fromMs) waiting.count += 1;
      waiting.fromMs = Math.min(waiting.fromMs, dueMs);
      waiting.toMs = Math.max(waiting.toMs, dueMs);
      return;
    }
    const isNew = this.#sql.hasDue.get(agent, check, target, reason, hour) === undefined;
    if (isNew && held.dueRows >= MOST_DUE_ROWS) return;
    if (isNew) held.dueRows += 1;
    this.#waitingDue.set(key, { agent, check, target, reason, hour, fromMs: dueMs, toMs: dueMs, count: 1 });
  }

  #heldBy(agent: number): Held {
    let held = this.#held.get(agent);
    if (held === undefined) {
      const keys = (this.#sql.keys.all(agent) as [number, number][]).map(([check, target]) => `${check}/${target}`);
      held = { keys: new Set(keys), dueRows: this.#sql.dueRows.get(agent) as number };
      this.#held.set(agent, held);
    }
    return held;
  }
}
