import type { Database } from 'better-sqlite3';
import type { LayoutBook } from '../codec/layouts.ts';
import { LogBatch, readOnlyEntry } from '../codec/log-batch.ts';
import { isMeasuredAfter } from '../codec/measured-order.ts';
import { type Row, verdictCode } from '../codec/row.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** The newest folded result of a series: the one that its agent measured last. */
export interface NewestRow {
  readonly series: number;
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  readonly verdict: number;
  readonly crc: number | null;
  /** The row itself, in the log's code. */
  readonly data: Buffer;
}

export const isIntactNewest = ({ series, at, epoch, seq, verdict, crc, data }: NewestRow): boolean =>
  isIntact(crc, 'newest', [series, at, epoch, seq, verdict], data);

/** Stores the newest row of each series separately, so that reading it does not open its block. */
export class NewestTable {
  readonly #batch: LogBatch;
  readonly #find;
  readonly #replace;

  /** @param layouts the intake's, which knows the layout of every row that came out of the log. */
  constructor(db: Database, layouts: LayoutBook) {
    this.#batch = new LogBatch(layouts);
    this.#find = db.prepare('SELECT * FROM newest WHERE series = ?');
    this.#replace = db.prepare(
      'INSERT OR REPLACE INTO newest (series, at, epoch, seq, verdict, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
  }

  offer(series: number, row: Row): void {
    const { at, seq, verdict } = row.record;
    const stored = this.#find.get(series) as NewestRow | undefined;
    if (stored !== undefined && !isMeasuredAfter({ epoch: row.epoch, seq }, stored) && isIntactNewest(stored)) return;
    this.#batch.add(series, row);
    const data = this.#batch.take();
    const columns = [series, at, row.epoch, seq, verdictCode(verdict)];
    this.#replace.run(...columns, rowCheck('newest', columns, data), data);
  }
}

export const newestRow = ({ data }: NewestRow, key: { check: number; target: number }, layouts: LayoutBook): Row =>
  readOnlyEntry(data, key, layouts);
