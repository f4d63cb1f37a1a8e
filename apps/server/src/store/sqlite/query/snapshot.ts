import type { Database } from 'better-sqlite3';
import type { ResultFilter, StoredResult } from '../../result-store.ts';
import { Block } from '../codec/block.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { readLogEntry, skimLog } from '../codec/log-batch.ts';
import type { Row } from '../codec/row.ts';
import { unpackDetail } from '../intake/detail-table.ts';
import { openIntakeDatabase } from '../intake/intake-database.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { foldedThrough, openResultsDatabase } from '../results-database.ts';
import { type IndexedRecord, LogIndex } from './log-index.ts';

/** A series and whose it is. */
export interface Series {
  readonly id: number;
  readonly agent: number;
  readonly check: number;
  readonly target: number;
}

/** A block as its head tells it. */
export interface BlockHead {
  readonly series: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  /** Rows among them whose instants were told before. */
  readonly repeated: number;
  /** One bit per verdict code that occurs. */
  readonly verdicts: number;
  readonly block: number;
}

export type SeriesFilter = Pick<ResultFilter, 'agent' | 'target'> & { readonly checks?: readonly number[] };

/** Most bytes of the log's newest entries that are kept in memory. */
const CACHED_BATCH_BYTES = 32 * 1024 * 1024;

/** Both databases as one reader sees them, and the index of the log that it keeps. */
export class Snapshot {
  readonly index = new LogIndex();
  readonly series = new Map<number, Series>();
  readonly #byCheck = new Map<number, Series[]>();
  readonly #intake: Database;
  readonly #results: Database;
  readonly #layouts: LayoutBook;
  readonly #blockLayouts = new Map<number, string>();
  readonly #batches = new Map<number, Buffer>();
  readonly #get;
  #batchBytes = 0;
  /** The last entry that was read from the disk: records are asked for in the log's order. */
  #lastRead: { id: number; data: Buffer } = { id: 0, data: Buffer.alloc(0) };
  #indexedThrough = 0;
  #forgotten = 0;
  #lastSeries = 0;
  folded = 0;

  constructor(folder: string) {
    this.#intake = openIntakeDatabase(folder, 'read');
    this.#results = openResultsDatabase(folder, 'read');
    this.#layouts = new LayoutBook(layoutTable(this.#intake));
    this.#get = {
      log: this.#intake.prepare('SELECT id, data FROM log WHERE id > ? ORDER BY id'),
      batch: this.#intake.prepare('SELECT data FROM log WHERE id = ?').pluck(),
      series: this.#intake.prepare(
        'SELECT id, agent, check_id AS "check", target FROM series WHERE id > ? ORDER BY id',
      ),
      forgotten: this.#intake.prepare(`SELECT value FROM meta WHERE key = 'forgotten'`).pluck(),
      detail: this.#intake.prepare('SELECT data FROM detail WHERE id = ?').pluck(),
      folds: this.#results.prepare('SELECT id FROM fold WHERE to_ms >= ? AND from_ms < ? ORDER BY id').pluck(),
      heads: this.#results.prepare(
        `SELECT series, from_ms AS fromMs, to_ms AS toMs, rows, repeated, verdicts, block FROM block_head
         WHERE fold = ? AND series = ? AND to_ms >= ? AND from_ms < ?`,
      ),
      foldHeads: this.#results.prepare(
        `SELECT series, from_ms AS fromMs, to_ms AS toMs, rows, repeated, verdicts, block FROM block_head
         WHERE fold = ? AND to_ms >= ? AND from_ms < ?`,
      ),
      block: this.#results.prepare('SELECT data FROM block WHERE id = ?').pluck(),
      layout: this.#results.prepare('SELECT json FROM layout WHERE id = ?').pluck(),
      newest: this.#results.prepare('SELECT at, verdict, block, row FROM newest WHERE series = ?'),
      arrivals: this.#intake.prepare('SELECT coalesce(sum(count), 0) FROM arrival WHERE second >= ?').pluck(),
    };
  }

  /**
   * Runs a query over one state of both databases. The intake's state is taken first: what is folded between the two
   * is then in blocks and skipped in the log, never missed and never seen twice.
   */
  read<T>(query: () => T): T {
    this.#intake.exec('BEGIN');
    this.#intake.prepare('SELECT 1 FROM meta LIMIT 1').get();
    this.#results.exec('BEGIN');
    try {
      this.#catchUp();
      return query();
    } finally {
      this.#results.exec('COMMIT');
      this.#intake.exec('COMMIT');
    }
  }

  get intake(): Database {
    return this.#intake;
  }

  seriesOf({ checks, agent, target }: SeriesFilter): readonly Series[] {
    const candidates =
      checks === undefined
        ? [...this.series.values()]
        : [...new Set(checks)].flatMap((check) => this.#byCheck.get(check) ?? []);
    return candidates.filter(
      (one) => (agent === undefined || one.agent === agent) && (target === undefined || one.target === target),
    );
  }

  /** Log records of a series in a window, in no order. */
  recent(series: number, fromMs: number, toMs: number): readonly IndexedRecord[] {
    return this.index.ofSeries(series).filter(({ at }) => at >= fromMs && at < toMs);
  }

  /** Heads of blocks that touch [fromMs, toMs). */
  heads(series: readonly Series[], fromMs: number, toMs: number): readonly BlockHead[] {
    const folds = this.#get.folds.all(fromMs, toMs) as number[];
    if (series.length * 4 < this.series.size)
      return folds.flatMap((fold) =>
        series.flatMap(({ id }) => this.#get.heads.all(fold, id, fromMs, toMs) as BlockHead[]),
      );
    const wanted = new Set(series.map(({ id }) => id));
    return folds.flatMap((fold) =>
      (this.#get.foldHeads.all(fold, fromMs, toMs) as BlockHead[]).filter((head) => wanted.has(head.series)),
    );
  }

  block(id: number): Block {
    const data = this.#get.block.get(id) as Buffer | undefined;
    if (data === undefined) throw new RangeError(`block ${id} is missing: the database is damaged`);
    return new Block(data, (layout) => this.#blockLayout(layout));
  }

  row(record: IndexedRecord): Row {
    return readLogEntry(this.#batch(record.batch), record.offset, this.key(record.series), this.#layouts);
  }

  newestFolded(series: number): { at: number; verdict: number; block: number; row: number } | undefined {
    return this.#get.newest.get(series) as { at: number; verdict: number; block: number; row: number } | undefined;
  }

  arrivals(fromMs: number): number {
    return this.#get.arrivals.get(Math.floor(fromMs / 1000)) as number;
  }

  key(series: number): Series {
    const key = this.series.get(series);
    if (key === undefined) throw new RangeError(`series ${series} is missing: the database is damaged`);
    return key;
  }

  /** A row as it was sent, with its detail put back. */
  stored(series: number, { epoch, record, detail }: Row): StoredResult {
    const agent = this.key(series).agent;
    if (detail === 0) return { agent, epoch, record };
    const data = this.#get.detail.get(detail) as Buffer | undefined;
    if (data === undefined) throw new RangeError(`detail ${detail} is missing: the database is damaged`);
    return {
      agent,
      epoch,
      record: { ...record, detail: JSON.parse(unpackDetail(data)) as NonNullable<Row['record']['detail']> },
    };
  }

  close(): void {
    this.#intake.close();
    this.#results.close();
  }

  #catchUp(): void {
    this.#readSeries();
    const folded = foldedThrough(this.#results);
    if (folded > this.folded) {
      this.folded = folded;
      this.index.dropThrough(folded);
      for (const id of this.#batches.keys()) if (id <= folded) this.#forgetBatch(id);
    }
    const after = Math.max(this.#indexedThrough, folded);
    for (const { id, data } of this.#get.log.iterate(after) as IterableIterator<{ id: number; data: Buffer }>) {
      skimLog(data, ({ offset, series, at, verdict, repeated }) => {
        if (this.series.has(series)) this.index.add({ batch: id, offset, series, at, verdict, repeated });
      });
      this.#indexedThrough = id;
      this.#keepBatch(id, data);
    }
  }

  #readSeries(): void {
    const forgotten = (this.#get.forgotten.get() as number | undefined) ?? 0;
    if (forgotten !== this.#forgotten) {
      this.#forgotten = forgotten;
      this.#lastSeries = 0;
      this.series.clear();
      this.#byCheck.clear();
    }
    for (const series of this.#get.series.iterate(this.#lastSeries) as IterableIterator<Series>) {
      this.series.set(series.id, series);
      const list = this.#byCheck.get(series.check);
      if (list === undefined) this.#byCheck.set(series.check, [series]);
      else list.push(series);
      this.#lastSeries = series.id;
    }
  }

  #blockLayout(id: number): string {
    let text = this.#blockLayouts.get(id);
    if (text === undefined) {
      text = this.#get.layout.get(id) as string | undefined;
      if (text === undefined) throw new RangeError(`layout ${id} is missing: the database is damaged`);
      if (this.#blockLayouts.size > 2000) this.#blockLayouts.clear();
      this.#blockLayouts.set(id, text);
    }
    return text;
  }

  #batch(id: number): Buffer {
    const known = this.#batches.get(id) ?? (this.#lastRead.id === id ? this.#lastRead.data : undefined);
    if (known !== undefined) return known;
    const data = this.#get.batch.get(id) as Buffer | undefined;
    if (data === undefined) throw new RangeError(`log entry ${id} is missing: the database is damaged`);
    this.#lastRead = { id, data };
    return data;
  }

  /** Keeps an entry, and lets the oldest go where they are too many. */
  #keepBatch(id: number, data: Buffer): void {
    this.#batches.set(id, data);
    this.#batchBytes += data.length;
    for (const oldest of this.#batches.keys()) {
      if (this.#batchBytes <= CACHED_BATCH_BYTES || oldest === id) break;
      this.#forgetBatch(oldest);
    }
  }

  #forgetBatch(id: number): void {
    this.#batchBytes -= this.#batches.get(id)?.length ?? 0;
    this.#batches.delete(id);
  }
}
