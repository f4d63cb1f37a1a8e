import type { Database } from 'better-sqlite3';
import type { Refusal } from './refusal.ts';

/** Most pairs of check and target that an agent's refusals are counted by; the rest counts under 0 and 0. */
const MOST_KEYS = 1000;
/** Most rows of refused instants that an agent has in the ledger; what is refused beyond stays outstanding there. */
const MOST_DUE_ROWS = 20_000;
const HOUR_MS = 3_600_000;

export const REFUSAL_TABLES = `
CREATE TABLE IF NOT EXISTS refused (
  agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  PRIMARY KEY (agent, check_id, target, reason)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused_due (
  agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL, reason TEXT NOT NULL, hour INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (agent, check_id, target, reason, hour)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refused_due_check ON refused_due (check_id, to_ms);
`;

interface Waiting {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly reason: string;
  count: number;
  readonly firstMs: number;
  lastMs: number;
}

interface WaitingDue extends Omit<Waiting, 'firstMs' | 'lastMs'> {
  readonly hour: number;
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
      count: db.prepare(
        `INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         count = count + excluded.count, first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`,
      ),
      countDue: db.prepare(
        `INSERT INTO refused_due VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         count = CASE WHEN excluded.from_ms > to_ms OR excluded.to_ms < from_ms
           THEN count + excluded.count ELSE max(count, excluded.count) END,
         from_ms = min(from_ms, excluded.from_ms), to_ms = max(to_ms, excluded.to_ms)`,
      ),
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

  /** Writes what was counted, inside the caller's transaction. */
  flush(): void {
    for (const { agent, check, target, reason, count, firstMs, lastMs } of this.#waiting.values())
      this.#sql.count.run(agent, check, target, reason, count, firstMs, lastMs);
    for (const { agent, check, target, reason, hour, fromMs, toMs, count } of this.#waitingDue.values())
      this.#sql.countDue.run(agent, check, target, reason, hour, fromMs, toMs, count);
    this.#waiting.clear();
    this.#waitingDue.clear();
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
