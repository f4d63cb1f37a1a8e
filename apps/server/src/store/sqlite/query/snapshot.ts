import type { Database } from 'better-sqlite3';
import type { ResultFilter, StoredResult } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { isIntactNewest, type NewestRow, newestRow } from '../blocks/newest-table.ts';
import { Block } from '../codec/block.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { readLogEntry, skimLog } from '../codec/log-batch.ts';
import type { Row } from '../codec/row.ts';
import { noteSetAside } from '../damage/damage-table.ts';
import { Damaged, type DamageNote, DamageNotes, isDamage } from '../damage/damaged.ts';
import { arrivalReader } from '../intake/arrival-table.ts';
import { detailReader } from '../intake/detail-table.ts';
import { openIntakeDatabase } from '../intake/intake-database.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { batchNote, gapNote, isIntactBatch, LOG_COLUMNS, logRows, type StoredLogRow } from '../intake/log-table.ts';
import { readSeries, type SeriesRow } from '../intake/series-table.ts';
import { readMeta } from '../meta-table.ts';
import { foldedThrough, openResultsDatabase } from '../results-database.ts';
import { deletedThrough, type Horizons, horizonsOfFolds, readHorizons } from '../retention/horizons.ts';
import { isIntactRetired, RETIRED_COLUMNS, type RetiredRow, retiredNote } from '../retention/retired-day.ts';
import type { Bucket } from '../rollup/bucket.ts';
import { type Level, widthOf } from '../rollup/levels.ts';
import { readPiece } from '../rollup/piece.ts';
import type { PieceHead } from '../rollup/rollup-store.ts';
import { type Asked, HeadFinder, type Window } from './head-finder.ts';
import { type IndexedRecord, LogIndex } from './log-index.ts';
import { type NewestFolded, newestInBlocks } from './newest-folded.ts';

export type SeriesFilter = Pick<ResultFilter, 'agent' | 'target'> & { readonly checks?: readonly number[] };

const RETIRED = `${RETIRED_COLUMNS} FROM retired WHERE to_ms >= ? AND from_ms < ?`;

/** Most bytes of the log's newest entries in memory. */
const CACHED_BATCH_BYTES = 8 * 1024 * 1024;
/** Most characters of the texts of blocks' layouts in memory. */
const CACHED_LAYOUT_CHARACTERS = 4 * 1024 * 1024;

/** Ends a read transaction by rollback, since SQLite refuses to commit one that found a damaged page. */
function endReading(db: Database): void {
  try {
    db.exec('COMMIT');
  } catch (error) {
    if (!isDamage(error)) throw error;
    if (db.inTransaction) db.exec('ROLLBACK');
  }
}

/** One reader's view of both databases, with its index of the log. */
export class Snapshot {
  readonly index = new LogIndex();
  readonly series = new Map<number, SeriesRow>();
  /** Damage found by its queries. */
  readonly notes = new DamageNotes();
  readonly #byCheck = new Map<number, SeriesRow[]>();
  readonly #intake: Database;
  readonly #results: Database;
  readonly #layouts: LayoutBook;
  readonly #blockLayouts = new Map<number, string>();
  #blockLayoutCharacters = 0;
  readonly #blockLayoutText;
  readonly #detail;
  readonly #batches = new Map<number, Buffer>();
  readonly #blocks: BlockStore;
  readonly #finder: HeadFinder;
  readonly #get;
  /** Results received since an instant, epoch ms. */
  readonly arrivals: (fromMs: number) => number;
  #batchBytes = 0;
  /** The last entry read from the disk, since records are read in the log's order. */
  #lastRead: { id: number; data: Buffer } = { id: 0, data: Buffer.alloc(0) };
  #indexedThrough = 0;
  #forgotten = 0;
  #lastSeries = 0;
  #horizons: Horizons = [0, 0, 0, 0];
  #deletedThrough = 0;
  folded = 0;

  constructor(folder: string) {
    this.#intake = openIntakeDatabase(folder, 'read');
    this.#results = openResultsDatabase(folder, 'read');
    this.#layouts = new LayoutBook(layoutTable(this.#intake));
    this.#blocks = new BlockStore(this.#results);
    this.#finder = new HeadFinder(this.#results, this.notes);
    this.#blockLayoutText = layoutTable(this.#results).textOf;
    this.#detail = detailReader(this.#intake);
    this.arrivals = arrivalReader(this.#intake, this.notes);
    this.#get = {
      batch: this.#intake.prepare(`SELECT ${LOG_COLUMNS} FROM log WHERE id = ?`),
      retired: this.#results.prepare(`SELECT ${RETIRED} AND series = ?`),
      allRetired: this.#results.prepare(`SELECT ${RETIRED}`),
      newest: this.#results.prepare('SELECT * FROM newest WHERE series = ?'),
      allNewest: this.#results.prepare('SELECT * FROM newest'),
    };
  }

  /**
   * Runs a query on one snapshot of both databases. The intake's snapshot is taken first. Results folded between the two
   * are then found in blocks and skipped in the log, so none is missed or returned twice.
   */
  read<T>(query: () => T): T {
    this.#intake.exec('BEGIN');
    this.#intake.prepare('SELECT 1 FROM meta LIMIT 1').get();
    this.#results.exec('BEGIN');
    try {
      this.#catchUp();
      return query();
    } finally {
      endReading(this.#results);
      endReading(this.#intake);
    }
  }

  get intake(): Database {
    return this.#intake;
  }

  seriesOf({ checks, agent, target }: SeriesFilter): readonly SeriesRow[] {
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

  /** Heads of blocks that touch [fromMs, toMs), even if expired. @param level skips blocks that this level of rollups has. */
  heads(series: readonly SeriesRow[], fromMs: number, toMs: number, level: Level | null = null): readonly BlockHead[] {
    return this.#finder.blocks(this.#asked(series), { fromMs, toMs }, level);
  }

  /** Heads of blocks that may have the result of a sequence. */
  headsWith(series: readonly SeriesRow[], wanted: Window & { epoch: number; seq: number }): readonly BlockHead[] {
    return this.#finder.blocksWith(
      series.map(({ id }) => id),
      wanted,
    );
  }

  /** Heads of the pieces that hold a level's buckets in [fromMs, toMs). */
  pieces(series: readonly SeriesRow[], fromMs: number, toMs: number, level: Level): readonly PieceHead[] {
    return this.#finder.pieces(this.#asked(series), { fromMs, toMs }, level, this.#horizons[0]);
  }

  /** Daily counts of some series' results in a window that retention has deleted. */
  retired(series: readonly SeriesRow[], fromMs: number, toMs: number): readonly RetiredRow[] {
    const asked = this.#asked(series);
    const pages: DamageNote = { file: 'results.db', table: 'retired', what: 'its pages', results: null };
    const rows = this.notes.guard<readonly RetiredRow[]>(pages, [], () => {
      if (!asked.areMany) return asked.series.flatMap((id) => this.#get.retired.all(fromMs, toMs, id) as RetiredRow[]);
      const wanted = new Set(asked.series);
      return (this.#get.allRetired.all(fromMs, toMs) as RetiredRow[]).filter((day) => wanted.has(day.series));
    });
    return rows.filter((row) => {
      const isIntact = isIntactRetired(row);
      if (!isIntact) this.notes.add(retiredNote(row));
      return isIntact;
    });
  }

  /** The latest instant up to which results were ever deleted, epoch ms. */
  get deletedThroughMs(): number {
    return this.#deletedThrough;
  }

  get horizons(): Horizons {
    return this.#horizons;
  }

  /** For many series, reads all at once. */
  #asked(series: readonly SeriesRow[]): Asked {
    return { series: series.map(({ id }) => id), areMany: series.length * 4 >= this.series.size };
  }

  /** Reads from a block. @returns `fallback` if it is damaged, which is recorded. */
  inBlock<T>(head: BlockHead, fallback: T, read: (block: Block) => T): T {
    const { series, block, fromMs, toMs, rows } = head;
    return this.notes.guard(this.#blockNote(series, `block ${block}`, { fromMs, toMs, results: rows }), fallback, () =>
      read(new Block(this.#blocks.get({ kind: 'rows', series }, block), (layout) => this.#blockLayout(layout))),
    );
  }

  /** All buckets of a piece. None if it is damaged, which is recorded. */
  bucketsOf({ series, block, level, fromMs, toMs }: PieceHead): readonly Bucket[] {
    const span = { fromMs, toMs: toMs + widthOf(level) - 1, results: null };
    return this.notes.guard<readonly Bucket[]>(this.#blockNote(series, `rollup ${block}`, span), [], () =>
      readPiece(new Block(this.#blocks.get({ kind: 'rollup', series }, block), (layout) => this.#blockLayout(layout))),
    );
  }

  #blockNote(series: number, what: string, span: Pick<DamageNote, 'fromMs' | 'toMs' | 'results'>): DamageNote {
    const key = this.series.get(series);
    return { file: 'results.db', table: 'block', what, ...span, ...(key === undefined ? {} : { series: key }) };
  }

  /** A record of the log. null: its entry or its layout is damaged, which is recorded. */
  row({ batch, offset, series, at }: IndexedRecord): Row | null {
    const note = {
      file: 'intake.db',
      table: 'log',
      what: `entry ${batch}, record at ${offset}`,
      fromMs: at,
      toMs: at,
      results: 1,
    } as const;
    return this.notes.guard<Row | null>({ ...note, series: this.key(series) }, null, () => {
      return readLogEntry(this.#batch(batch), offset, this.key(series), this.#layouts);
    });
  }

  /** Newest unexpired folded results of some series, by series. If a newest row is damaged, its blocks are read. */
  newestFolded(series: readonly SeriesRow[]): ReadonlyMap<number, NewestFolded> {
    const asked = this.#asked(series);
    const pages: DamageNote = { file: 'results.db', table: 'newest', what: 'its pages', results: 0 };
    const rows = this.notes.guard<readonly NewestRow[] | null>(pages, null, () =>
      asked.areMany
        ? (this.#get.allNewest.all() as NewestRow[])
        : asked.series.flatMap((id) => (this.#get.newest.get(id) as NewestRow | undefined) ?? []),
    );
    const found = new Map<number, NewestFolded>();
    const wanted = new Set(asked.series);
    const put = (newest: NewestFolded | undefined) => {
      if (newest !== undefined && newest.at >= this.#horizons[0]) found.set(newest.series, newest);
    };
    if (rows === null) for (const one of series) put(newestInBlocks(this, one));
    for (const row of rows ?? []) {
      if (!wanted.has(row.series)) continue;
      const one = this.key(row.series);
      if (isIntactNewest(row)) put({ ...row, read: () => newestRow(row, one, this.#layouts) });
      else {
        this.notes.add({ file: 'results.db', table: 'newest', what: `series ${row.series}`, results: 0 });
        put(newestInBlocks(this, one));
      }
    }
    return found;
  }

  get layouts(): LayoutBook {
    return this.#layouts;
  }

  key(series: number): SeriesRow {
    const key = this.series.get(series);
    if (key === undefined) throw new Damaged(`series ${series} is missing`);
    return key;
  }

  /** A row as it was sent, with its detail. */
  stored(series: number, { epoch, record, detail }: Row): StoredResult {
    const key = this.key(series);
    const origin = { agent: key.agent, epoch };
    if (detail === 0) return { ...origin, record };
    const span = { fromMs: record.at, toMs: record.at, results: 0 };
    return this.notes.guard<StoredResult>(
      { file: 'intake.db', table: 'detail', what: `detail ${detail}`, series: key, ...span },
      { ...origin, record, lacksDetail: true },
      () => ({
        ...origin,
        record: { ...record, detail: JSON.parse(this.#detail(detail)) as NonNullable<Row['record']['detail']> },
      }),
    );
  }

  /** The result of a log record. null: it is damaged. */
  storedAt(record: IndexedRecord): StoredResult | null {
    const row = this.row(record);
    return row === null ? null : this.stored(record.series, row);
  }

  /** The result of a block's row. null: it cannot be read. */
  storedIn({ series, block: id }: BlockHead, block: Block, row: number): StoredResult | null {
    const at = block.at[row] ?? 0;
    const note = this.#blockNote(series, `block ${id}, row ${row}`, { fromMs: at, toMs: at, results: 1 });
    const found = this.notes.guard<Row | null>(note, null, () => block.row(row, this.key(series)));
    return found === null ? null : this.stored(series, found);
  }

  close(): void {
    this.#intake.close();
    this.#results.close();
  }

  #catchUp(): void {
    this.#readSeries();
    const meta: DamageNote = { file: 'results.db', table: 'meta', what: 'retention', results: 0 };
    this.#horizons =
      this.notes.guard<Horizons | null>(meta, null, () => readHorizons(this.#results)) ??
      horizonsOfFolds(this.#results);
    this.#deletedThrough = this.notes.guard(meta, Number.MAX_SAFE_INTEGER, () => deletedThrough(this.#results));
    const folded = foldedThrough(this.#results);
    if (folded > this.folded) {
      this.folded = folded;
      this.index.dropThrough(folded);
      for (const id of this.#batches.keys()) if (id <= folded) this.#forgetBatch(id);
    }
    noteSetAside(this.#results, (series) => this.series.get(series), this.notes);
    const after = Math.max(this.#indexedThrough, folded);
    const onGap = (from: number) => this.notes.add(gapNote(from));
    for (const row of logRows<StoredLogRow>(this.#intake, LOG_COLUMNS, { after }, onGap)) {
      this.#indexedThrough = row.id;
      if (isIntactBatch(row)) this.notes.guard(batchNote(row), undefined, () => this.#index(row));
      else this.notes.add(batchNote(row));
    }
  }

  #index({ id, data }: StoredLogRow): void {
    skimLog(data, ({ offset, series, at, epoch, seq, verdict, repeated }) => {
      if (this.series.has(series)) this.index.add({ batch: id, offset, series, at, epoch, seq, verdict, repeated });
    });
    this.#keepBatch(id, data);
  }

  #readSeries(): void {
    const forgotten = readMeta(this.#intake, 'forgotten') ?? 0;
    if (forgotten !== this.#forgotten) {
      this.#forgotten = forgotten;
      this.#lastSeries = 0;
      this.series.clear();
      this.#byCheck.clear();
    }
    const onDamaged = (id: number) => {
      this.#lastSeries = Math.max(this.#lastSeries, id);
      this.notes.add({ file: 'intake.db', table: 'series', what: `series ${id}`, results: null });
    };
    const pages: DamageNote = { file: 'intake.db', table: 'series', what: 'its pages', results: null };
    const found = this.notes.guard<readonly SeriesRow[]>(pages, [], () =>
      readSeries(this.#intake, this.#lastSeries, onDamaged),
    );
    for (const series of found) {
      this.series.set(series.id, series);
      const list = this.#byCheck.get(series.check);
      if (list === undefined) this.#byCheck.set(series.check, [series]);
      else list.push(series);
      this.#lastSeries = Math.max(this.#lastSeries, series.id);
    }
  }

  #blockLayout(id: number): string {
    let text = this.#blockLayouts.get(id);
    if (text === undefined) {
      text = this.#blockLayoutText(id);
      this.#blockLayoutCharacters += text.length;
      if (this.#blockLayoutCharacters > CACHED_LAYOUT_CHARACTERS) {
        this.#blockLayouts.clear();
        this.#blockLayoutCharacters = text.length;
      }
      this.#blockLayouts.set(id, text);
    }
    return text;
  }

  /** @throws Damaged */
  #batch(id: number): Buffer {
    const known = this.#batches.get(id) ?? (this.#lastRead.id === id ? this.#lastRead.data : undefined);
    if (known !== undefined) return known;
    const row = this.#get.batch.get(id) as StoredLogRow | undefined;
    if (row === undefined) throw new Damaged(`log entry ${id} is missing`);
    if (!isIntactBatch(row)) throw new Damaged(`log entry ${id} is damaged`);
    this.#lastRead = row;
    return row.data;
  }

  /** Caches an entry, and evicts the oldest if there are too many. */
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
