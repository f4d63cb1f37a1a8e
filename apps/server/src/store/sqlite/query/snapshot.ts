import type { Database } from 'better-sqlite3';
import type { ResultFilter, StoredResult } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import type { NewestRow } from '../blocks/newest-table.ts';
import { Block } from '../codec/block.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { readLogEntry, skimLog } from '../codec/log-batch.ts';
import type { Row } from '../codec/row.ts';
import { unpackDetail } from '../intake/detail-table.ts';
import { openIntakeDatabase } from '../intake/intake-database.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { foldedThrough, openResultsDatabase } from '../results-database.ts';
import { type Horizons, readHorizons } from '../retention/horizons.ts';
import type { Level } from '../rollup/levels.ts';
import type { PieceHead } from '../rollup/rollup-store.ts';
import { type Asked, HeadFinder } from './head-finder.ts';
import { type IndexedRecord, LogIndex } from './log-index.ts';

/** A series and whose it is. */
export interface Series {
  readonly id: number;
  readonly agent: number;
  readonly check: number;
  readonly target: number;
}

export type SeriesFilter = Pick<ResultFilter, 'agent' | 'target'> & { readonly checks?: readonly number[] };

/** Results of one day of one series that retention has deleted. */
export interface RetiredDay {
  readonly series: number;
  readonly rows: number;
  readonly repeated: number;
  /** First and last scheduled instant among them, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

const RETIRED =
  'series, rows, repeated, from_ms AS fromMs, to_ms AS toMs FROM retired WHERE to_ms >= ? AND from_ms < ?';

/** Most bytes of the log's newest entries that are kept in memory. */
const CACHED_BATCH_BYTES = 8 * 1024 * 1024;

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
  readonly #blocks: BlockStore;
  readonly #finder: HeadFinder;
  readonly #get;
  #batchBytes = 0;
  /** The last entry that was read from the disk: records are asked for in the log's order. */
  #lastRead: { id: number; data: Buffer } = { id: 0, data: Buffer.alloc(0) };
  #indexedThrough = 0;
  #forgotten = 0;
  #lastSeries = 0;
  #horizons: Horizons = [0, 0, 0, 0];
  folded = 0;

  constructor(folder: string) {
    this.#intake = openIntakeDatabase(folder, 'read');
    this.#results = openResultsDatabase(folder, 'read');
    this.#layouts = new LayoutBook(layoutTable(this.#intake));
    this.#blocks = new BlockStore(this.#results);
    this.#finder = new HeadFinder(this.#results);
    this.#get = {
      log: this.#intake.prepare('SELECT id, data FROM log WHERE id > ? ORDER BY id'),
      batch: this.#intake.prepare('SELECT data FROM log WHERE id = ?').pluck(),
      series: this.#intake.prepare(
        'SELECT id, agent, check_id AS "check", target FROM series WHERE id > ? ORDER BY id',
      ),
      forgotten: this.#intake.prepare(`SELECT value FROM meta WHERE key = 'forgotten'`).pluck(),
      detail: this.#intake.prepare('SELECT data FROM detail WHERE id = ?').pluck(),
      retired: this.#results.prepare(`SELECT ${RETIRED} AND series = ?`),
      allRetired: this.#results.prepare(`SELECT ${RETIRED}`),
      layout: this.#results.prepare('SELECT json FROM layout WHERE id = ?').pluck(),
      newest: this.#results.prepare('SELECT * FROM newest WHERE series = ?'),
      allNewest: this.#results.prepare('SELECT * FROM newest'),
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

  /** Heads of blocks that touch [fromMs, toMs), whether or not they are retired. @param level leaves out those whose rows this level of rollups has. */
  heads(series: readonly Series[], fromMs: number, toMs: number, level: Level | null = null): readonly BlockHead[] {
    return this.#finder.blocks(this.#asked(series), { fromMs, toMs }, level);
  }

  /** Heads of the pieces that hold a level's buckets in [fromMs, toMs). */
  pieces(series: readonly Series[], fromMs: number, toMs: number, level: Level): readonly PieceHead[] {
    return this.#finder.pieces(this.#asked(series), { fromMs, toMs }, level, this.#horizons[0]);
  }

  /** What retention has deleted of some series in a window: counts by day. */
  retired(series: readonly Series[], fromMs: number, toMs: number): readonly RetiredDay[] {
    const asked = this.#asked(series);
    if (!asked.areMany) return asked.series.flatMap((id) => this.#get.retired.all(fromMs, toMs, id) as RetiredDay[]);
    const wanted = new Set(asked.series);
    return (this.#get.allRetired.all(fromMs, toMs) as RetiredDay[]).filter((day) => wanted.has(day.series));
  }

  get horizons(): Horizons {
    return this.#horizons;
  }

  /** Where many series are asked for, all are read at once. */
  #asked(series: readonly Series[]): Asked {
    return { series: series.map(({ id }) => id), areMany: series.length * 4 >= this.series.size };
  }

  block(id: number): Block {
    return new Block(this.#blocks.get(id), (layout) => this.#blockLayout(layout));
  }

  row(record: IndexedRecord): Row {
    return readLogEntry(this.#batch(record.batch), record.offset, this.key(record.series), this.#layouts);
  }

  /** Newest folded results of some series that are not retired, by series. */
  newestFolded(series: readonly Series[]): ReadonlyMap<number, NewestRow> {
    const asked = this.#asked(series);
    const rows = asked.areMany
      ? (this.#get.allNewest.all() as NewestRow[])
      : asked.series.flatMap((id) => (this.#get.newest.get(id) as NewestRow | undefined) ?? []);
    return new Map(rows.filter(({ at }) => at >= this.#horizons[0]).map((row) => [row.series, row]));
  }

  get layouts(): LayoutBook {
    return this.#layouts;
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
    this.#horizons = readHorizons(this.#results);
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
