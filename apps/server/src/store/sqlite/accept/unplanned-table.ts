import type { Database } from 'better-sqlite3';
import type { Origin } from '../../result-store.ts';

/** What one agent may have of records that belong to no plan. */
const MOST_RECORDS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;

export const UNPLANNED_TABLES = `
CREATE TABLE IF NOT EXISTS unplanned (
  id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, epoch INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  records INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS unplanned_agent ON unplanned (agent, id);
CREATE TABLE IF NOT EXISTS unplanned_total (
  agent INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL);
`;

interface Total {
  records: number;
  bytes: number;
}

interface Group {
  readonly origin: Origin;
  readonly receivedMs: number;
  readonly lines: string[];
}

/**
 * Records of checks that this server never made: it was restored from a backup that is older than they are, or they are
 * invented. They are kept as they arrived, JSON lines by frame, bounded per agent, and appear in no chart and no sum.
 */
export class UnplannedTable {
  readonly #totals = new Map<number, Total>();
  #groups: Group[] = [];
  readonly #insert;
  readonly #count;
  readonly #total;

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO unplanned (agent, epoch, received_ms, records, data) VALUES (?, ?, ?, ?, ?)',
    );
    this.#count = db.prepare(
      `INSERT INTO unplanned_total VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       records = records + excluded.records, bytes = bytes + excluded.bytes, last_ms = excluded.last_ms`,
    );
    this.#total = db.prepare('SELECT records, bytes FROM unplanned_total WHERE agent = ?');
  }

  /** false: there is no room for it. */
  add(origin: Origin, record: unknown, receivedMs: number): boolean {
    const total = this.#totalOf(origin.agent);
    if (total.records >= MOST_RECORDS || total.bytes >= MOST_BYTES) return false;
    const line = JSON.stringify(record);
    total.records += 1;
    total.bytes += Buffer.byteLength(line);
    const last = this.#groups.at(-1);
    if (last?.origin.agent === origin.agent && last.origin.epoch === origin.epoch) last.lines.push(line);
    else this.#groups.push({ origin, receivedMs, lines: [line] });
    return true;
  }

  /** Writes what was added, inside the caller's transaction. */
  flush(): void {
    for (const { origin, receivedMs, lines } of this.#groups) {
      const data = lines.join('\n');
      this.#insert.run(origin.agent, origin.epoch, receivedMs, lines.length, data);
      const bytes = Buffer.byteLength(data) - (lines.length - 1);
      this.#count.run(origin.agent, lines.length, bytes, receivedMs, receivedMs);
    }
    this.#groups = [];
  }

  clear(): void {
    this.#groups = [];
    this.#totals.clear();
  }

  #totalOf(agent: number): Total {
    let total = this.#totals.get(agent);
    if (total === undefined) {
      const stored = this.#total.get(agent) as Total | undefined;
      total = { records: stored?.records ?? 0, bytes: stored?.bytes ?? 0 };
      this.#totals.set(agent, total);
    }
    return total;
  }
}
