import type { Database } from 'better-sqlite3';
import { type DamageNote, isDamage } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** Steps over damaged pages double up to this many entries. */
const LONGEST_STEP = 2 ** 32;

/** A batch of the log: the results of one commit. */
export interface LogRow {
  readonly id: number;
  readonly receivedMs: number;
  readonly rows: number;
  /** Earliest and latest scheduled instant among them, epoch ms; null in entries of a version without checks. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly data: Buffer;
}

/** Two checks, so that damaged bytes still have a number of results and a time that can be believed. */
export type StoredLogRow = LogRow & { readonly headCrc: number | null; readonly crc: number | null };

export const LOG_COLUMNS =
  'id, received_ms AS receivedMs, rows, from_ms AS fromMs, to_ms AS toMs, head_crc AS headCrc, crc, data';

const headCheck = ({ id, receivedMs, rows, fromMs, toMs }: Omit<LogRow, 'data'>): number =>
  rowCheck('log', [id, receivedMs, rows, fromMs, toMs]);

/** Whether a batch's bytes are those that were written under its number. */
export const isIntactBatch = ({ id, crc, data }: StoredLogRow): boolean => isIntact(crc, 'log', [id], data);

/** What a damaged batch may concern: its results are of any series. */
export function batchNote(row: StoredLogRow): DamageNote {
  const { id, rows, fromMs, toMs, headCrc } = row;
  const place = { file: 'intake.db', table: 'log', what: `entry ${id}` } as const;
  if (headCrc === null || headCrc !== headCheck(row)) return { ...place, results: null };
  return { ...place, results: rows, ...(fromMs === null || toMs === null ? {} : { fromMs, toMs }) };
}

/** Appends batches. */
export function logAppender(db: Database): (row: LogRow) => void {
  const insert = db.prepare(
    'INSERT INTO log (id, received_ms, rows, from_ms, to_ms, head_crc, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return (row) => {
    const { id, receivedMs, rows, fromMs, toMs, data } = row;
    insert.run(id, receivedMs, rows, fromMs, toMs, headCheck(row), rowCheck('log', [id], data), data);
  };
}

/**
 * Visits the log's entries after one and up to another, in order. Where SQLite finds its pages damaged it goes on behind
 * them.
 * @param onGap is given the number from which on entries could not be read.
 */
export function* logRows<Row extends { readonly id: number }>(
  db: Database,
  columns: string,
  { after, through = Number.MAX_SAFE_INTEGER }: { readonly after: number; readonly through?: number },
  onGap: (from: number) => void,
): Generator<Row, void, undefined> {
  const select = db.prepare(`SELECT ${columns} FROM log WHERE id > ? AND id <= ? ORDER BY id`);
  let last = after;
  for (let step = 1; step < LONGEST_STEP && last < through; ) {
    try {
      for (const row of select.iterate(last, through) as IterableIterator<Row>) {
        last = row.id;
        step = 1;
        yield row;
      }
      return;
    } catch (error) {
      if (!isDamage(error)) throw error;
      if (step === 1) onGap(last + 1);
      last += step;
      step *= 2;
    }
  }
}

/** Entries behind a damaged page: which and how many, nobody can tell. */
export const gapNote = (from: number): DamageNote => ({
  file: 'intake.db',
  table: 'log',
  what: `pages from entry ${from}`,
  results: null,
});
