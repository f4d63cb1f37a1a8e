import type { Database } from 'better-sqlite3';
import type { LayoutBook } from '../codec/layouts.ts';
import { LogBatch, readOnlyEntry } from '../codec/log-batch.ts';
import { type Row, verdictCode } from '../codec/row.ts';

/** The newest folded result of a series: by scheduled instant, then by how it was made. */
export interface NewestRow {
  readonly series: number;
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  readonly verdict: number;
  /** The row itself, in the log's code. */
  readonly data: Buffer;
}

/** Keeps the newest row of each series by itself, so that nobody opens its block for it. */
export class NewestTable {
  readonly #batch: LogBatch;
  readonly #replace;

  /** @param layouts the intake's, which knows the layout of every row that came out of the log. */
  constructor(db: Database, layouts: LayoutBook) {
    this.#batch = new LogBatch(layouts);
    this.#replace = db.prepare(
      `INSERT INTO newest (series, at, epoch, seq, verdict, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE
       SET at = excluded.at, epoch = excluded.epoch, seq = excluded.seq, verdict = excluded.verdict, data = excluded.data
       WHERE (excluded.at, excluded.epoch, excluded.seq) > (at, epoch, seq)`,
    );
  }

  offer(series: number, row: Row): void {
    const { at, seq, verdict } = row.record;
    this.#batch.add(series, row);
    this.#replace.run(series, at, row.epoch, seq, verdictCode(verdict), this.#batch.take());
  }
}

export const newestRow = ({ data }: NewestRow, key: { check: number; target: number }, layouts: LayoutBook): Row =>
  readOnlyEntry(data, key, layouts);
