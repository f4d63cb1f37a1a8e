import type { Database } from 'better-sqlite3';
import type { Origin } from '../../result-store.ts';
import { countNote, type DamageNote, type DamageNotes } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** What one agent may have of records that belong to no plan. */
const MOST_RECORDS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;

export const UNPLANNED_TABLES = `
CREATE TABLE IF NOT EXISTS unplanned (
  id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, epoch INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  records INTEGER NOT NULL, data TEXT NOT NULL, crc INTEGER);
CREATE INDEX IF NOT EXISTS unplanned_agent ON unplanned (agent, id);
CREATE TABLE IF NOT EXISTS unplanned_total (
  agent INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, crc INTEGER);
`;

/** A frame's records as they are stored, by the names of `UNPLANNED_COLUMNS`. */
export interface UnplannedRow {
  readonly id: number;
  readonly agent: number;
  readonly epoch: number;
  readonly receivedMs: number;
  readonly records: number;
  readonly data: string;
  readonly crc: number | null;
}

/** What one agent has in the table, by the names of `TOTAL_COLUMNS`. */
export interface UnplannedTotal {
  readonly agent: number;
  readonly records: number;
  readonly bytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly crc: number | null;
}

export const UNPLANNED_COLUMNS = 'id, agent, epoch, received_ms AS receivedMs, records, data, crc';
export const TOTAL_COLUMNS = 'agent, records, bytes, first_ms AS firstMs, last_ms AS lastMs, crc';

const totalColumns = ({ agent, records, bytes, firstMs, lastMs }: Omit<UnplannedTotal, 'crc'>) => [
  agent,
  records,
  bytes,
  firstMs,
  lastMs,
];

export const isIntactUnplanned = ({ id, agent, epoch, receivedMs, records, data, crc }: UnplannedRow): boolean =>
  isIntact(crc, 'unplanned', [id, agent, epoch, receivedMs, records], data);

const isIntactTotal = (row: UnplannedTotal): boolean => isIntact(row.crc, 'unplanned_total', totalColumns(row));

/** An agent's total: its row, or, where that is damaged or missing, counted again. undefined: it has none. */
export function readTotal(db: Database, agent: number): UnplannedTotal | undefined {
  const stored = db.prepare(`SELECT ${TOTAL_COLUMNS} FROM unplanned_total WHERE agent = ?`).get(agent) as
    | UnplannedTotal
    | undefined;
  if (stored !== undefined && isIntactTotal(stored)) return stored;
  const counted = db
    .prepare(
      `SELECT agent, sum(records) AS records, sum(length(CAST(data AS BLOB)) - records + 1) AS bytes,
       min(received_ms) AS firstMs, max(received_ms) AS lastMs, NULL AS crc FROM unplanned WHERE agent = ? GROUP BY agent`,
    )
    .get(agent) as UnplannedTotal | undefined;
  return counted;
}

/** Records damaged rows of both tables. Totals are counted again where they are damaged. */
export function* checkUnplanned(db: Database, notes: DamageNotes): Generator<number, void> {
  const frames = db.prepare(`SELECT ${UNPLANNED_COLUMNS} FROM unplanned WHERE id > ? ORDER BY id LIMIT 20`);
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = frames.all(after) as UnplannedRow[];
    for (const row of rows) if (!isIntactUnplanned(row)) notes.add(unplannedNote(row));
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id;
    yield rows.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  }
  for (const row of db.prepare(`SELECT ${TOTAL_COLUMNS} FROM unplanned_total`).all() as UnplannedTotal[])
    if (!isIntactTotal(row)) notes.add(countNote('unplanned_total', `agent ${row.agent}`));
}

export const unplannedNote = ({ id }: UnplannedRow): DamageNote => countNote('unplanned', `frame ${id}`);

interface Total {
  agent: number;
  records: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
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
  readonly #changed = new Set<Total>();
  #groups: Group[] = [];
  readonly #db: Database;
  readonly #insert;
  readonly #nextId;
  readonly #count;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare(
      'INSERT INTO unplanned (id, agent, epoch, received_ms, records, data, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#nextId = db.prepare('SELECT coalesce(max(id), 0) + 1 FROM unplanned').pluck();
    this.#count = db.prepare('INSERT OR REPLACE INTO unplanned_total VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** false: there is no room for it. */
  add(origin: Origin, record: unknown, receivedMs: number): boolean {
    const total = this.#totalOf(origin.agent);
    if (total.records >= MOST_RECORDS || total.bytes >= MOST_BYTES) return false;
    const line = JSON.stringify(record);
    total.records += 1;
    total.bytes += Buffer.byteLength(line);
    total.firstMs = Math.min(total.firstMs, receivedMs);
    total.lastMs = Math.max(total.lastMs, receivedMs);
    this.#changed.add(total);
    const last = this.#groups.at(-1);
    if (last?.origin.agent === origin.agent && last.origin.epoch === origin.epoch) last.lines.push(line);
    else this.#groups.push({ origin, receivedMs, lines: [line] });
    return true;
  }

  /** Writes what was added, inside the caller's transaction. */
  flush(): void {
    for (const { origin, receivedMs, lines } of this.#groups) {
      const data = lines.join('\n');
      const id = this.#nextId.get() as number;
      const crc = rowCheck('unplanned', [id, origin.agent, origin.epoch, receivedMs, lines.length], data);
      this.#insert.run(id, origin.agent, origin.epoch, receivedMs, lines.length, data, crc);
    }
    for (const total of this.#changed) {
      const columns = totalColumns(total);
      this.#count.run(...columns, rowCheck('unplanned_total', columns));
    }
    this.#groups = [];
    this.#changed.clear();
  }

  clear(): void {
    this.#groups = [];
    this.#changed.clear();
    this.#totals.clear();
  }

  #totalOf(agent: number): Total {
    let total = this.#totals.get(agent);
    if (total === undefined) {
      const stored = readTotal(this.#db, agent);
      const { records = 0, bytes = 0, firstMs = Number.MAX_SAFE_INTEGER, lastMs = 0 } = stored ?? {};
      total = { agent, records, bytes, firstMs, lastMs };
      this.#totals.set(agent, total);
    }
    return total;
  }
}
