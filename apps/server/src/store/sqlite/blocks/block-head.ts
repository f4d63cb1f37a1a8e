import type { Database } from 'better-sqlite3';
import { isRepeated, type Row, verdictCode } from '../codec/row.ts';

/** A block of results as its head tells it. */
export interface BlockHead {
  readonly series: number;
  /** Scheduled instants of its first and last row, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  /** Rows among them whose instants were told before. */
  readonly repeated: number;
  /** One bit per verdict code that occurs. */
  readonly verdicts: number;
  /** The finest level of rollups that has its rows; 0: none has. */
  readonly rolled: number;
  readonly block: number;
}

/** A block with fewer rows is small: its fixed part costs more than its rows need. */
export const SMALL_ROWS = 32;

export const HEAD_COLUMNS = 'series, from_ms AS fromMs, to_ms AS toMs, rows, repeated, verdicts, rolled, block';

export interface HeadTable {
  /** Adds a head to a fold. */
  add(fold: number, head: BlockHead): void;
}

export function headTable(db: Database): HeadTable {
  const lastPart = db.prepare('SELECT max(part) FROM block_head WHERE fold = ? AND series = ?').pluck();
  const insert = db.prepare(
    `INSERT INTO block_head (fold, series, part, from_ms, to_ms, rows, repeated, verdicts, rolled, block)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    add(fold, { series, fromMs, toMs, rows, repeated, verdicts, rolled, block }) {
      const part = ((lastPart.get(fold, series) as number | null) ?? 0) + 1;
      insert.run(fold, series, part, fromMs, toMs, rows, repeated, verdicts, rolled, block);
    },
  };
}

/** The head of a block of these rows, which are ordered by time. */
export function headOf(series: number, rows: readonly Row[], rolled: number, block: number): BlockHead {
  let verdicts = 0;
  for (const { record } of rows) verdicts |= 1 << verdictCode(record.verdict);
  return {
    series,
    fromMs: rows[0]?.record.at ?? 0,
    toMs: rows.at(-1)?.record.at ?? 0,
    rows: rows.length,
    repeated: rows.filter(({ record }) => isRepeated(record)).length,
    verdicts,
    rolled,
    block,
  };
}
