import type { Database } from 'better-sqlite3';
import { headOf, headTable, SMALL_ROWS } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { byTime, chunksOf } from '../blocks/chunks.ts';
import { nextFoldId, writeFold } from '../blocks/fold-table.ts';
import { NewestTable } from '../blocks/newest-table.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { readLogEntry } from '../codec/log-batch.ts';
import { lastMeasured, type Row } from '../codec/row.ts';
import { writeBlock } from '../codec/write-block.ts';
import { setAside } from '../damage/damage-table.ts';
import { isDamage } from '../damage/damaged.ts';
import { layoutIds, layoutTable } from '../intake/layout-table.ts';
import { batchNote, gapNote, type StoredLogRow } from '../intake/log-table.ts';
import { readSeries } from '../intake/series-table.ts';
import { writeMeta } from '../meta-table.ts';
import { foldedThrough } from '../results-database.ts';
import { rollUp } from '../rollup/roll-up.ts';
import { RollupWriter } from '../rollup/rollup-store.ts';
import { type Gathered, gather, type LogRange, PLACES, stretchOf } from './gather.ts';

/** Bytes of the log that are in memory at once. */
const PART_BYTES = 16 * 1024 * 1024;

export interface FoldOptions {
  /** Most bytes of log that one fold takes. */
  readonly mostBytes: number;
  /** Called after each series, to give way to the intake. */
  readonly pause: () => void;
  /** Metrics that keep a quantile sketch in rollups. */
  readonly sketched: ReadonlySet<string>;
}

/**
 * Turns one stretch of the log into blocks, in one transaction with `folded_through`.
 * @returns how many results it folded; 0 when the log holds nothing more.
 */
export function foldOnce(intake: Database, results: Database, { mostBytes, pause, sketched }: FoldOptions): number {
  const stretch = stretchOf(intake, foldedThrough(results), mostBytes);
  if (stretch === null) return 0;
  results.exec('BEGIN IMMEDIATE');
  try {
    new Fold(intake, results, sketched).write(stretch, pause);
    results.exec('COMMIT');
  } catch (error) {
    if (results.inTransaction) results.exec('ROLLBACK');
    throw error;
  }
  return stretch.rows;
}

/** A block does not hold its series' key. */
const ANY_KEY = { check: 0, target: 0 };

interface Key {
  readonly check: number;
  readonly target: number;
}

class Fold {
  readonly #intake: Database;
  readonly #results: Database;
  readonly #layouts: LayoutBook;
  readonly #blockLayoutId: (json: string) => number;
  readonly #keys: ReadonlyMap<number, Key>;
  /** Series whose key cannot be read: their results are folded all the same, since a block does not hold it. */
  readonly #damagedKeys = new Set<number>();
  readonly #setAside = new Set<number>();
  readonly #blocks: BlockStore;
  readonly #heads;
  readonly #newest: NewestTable;
  readonly #rollups: RollupWriter;
  readonly #sketched: ReadonlySet<string>;
  #id = 0;
  #rows = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;

  constructor(intake: Database, results: Database, sketched: ReadonlySet<string>) {
    this.#intake = intake;
    this.#results = results;
    this.#layouts = new LayoutBook(layoutTable(intake));
    this.#blockLayoutId = layoutIds(results);
    this.#keys = new Map(readSeries(intake, 0, (id) => this.#damagedKeys.add(id)).map((one) => [one.id, one]));
    this.#blocks = new BlockStore(results);
    this.#heads = headTable(results);
    this.#rollups = new RollupWriter(results, this.#blocks);
    this.#sketched = sketched;
    this.#newest = new NewestTable(results, this.#layouts);
  }

  /** Part of the series after part, in ascending order: so only their part of the stretch is in memory. */
  write(stretch: LogRange, pause: () => void): void {
    this.#id = nextFoldId(this.#results);
    const all = [...this.#keys.keys(), ...this.#damagedKeys].sort((a, b) => a - b);
    const parts = Math.max(1, Math.min(all.length, Math.ceil(stretch.bytes / PART_BYTES)));
    for (let part = 0; part < parts; part += 1) {
      const first = all[Math.floor((part * all.length) / parts)] ?? 0;
      const end = all[Math.floor(((part + 1) * all.length) / parts)] ?? Number.POSITIVE_INFINITY;
      this.#writePart(
        gather(
          this.#intake,
          stretch,
          (series) => series >= first && series < end,
          (batch) => this.#leaveOut(batch),
        ),
        pause,
      );
    }
    if (this.#rows > 0)
      writeFold(this.#results, {
        id: this.#id,
        fromMs: this.#fromMs,
        toMs: this.#toMs,
        rows: this.#rows,
        level: 0,
        intoFold: null,
        throughSeries: null,
        sweptMs: 0,
      });
    writeMeta(this.#results, 'folded_through', stretch.through);
  }

  /** A damaged batch is kept beside the blocks, once, and its neighbours are folded. */
  #leaveOut(batch: StoredLogRow | number): void {
    const id = typeof batch === 'number' ? batch : batch.id;
    if (this.#setAside.has(id)) return;
    this.#setAside.add(id);
    if (typeof batch === 'number') setAside(this.#results, gapNote(batch), null);
    else setAside(this.#results, batchNote(batch), null, batch.data);
  }

  #writePart(gathered: Gathered, pause: () => void): void {
    const { order } = gathered;
    for (let from = 0; from < order.length; ) {
      const series = Math.floor((order[from] ?? 0) / PLACES);
      let to = from + 1;
      while (to < order.length && Math.floor((order[to] ?? 0) / PLACES) === series) to += 1;
      this.#writeSeries(series, gathered, from, to);
      from = to;
      pause();
    }
  }

  /** Results of a series that was forgotten meanwhile are left behind. */
  #writeSeries(series: number, { order, batches, batchOf, offsetOf }: Gathered, from: number, to: number): void {
    const key = this.#keys.get(series) ?? (this.#damagedKeys.has(series) ? ANY_KEY : undefined);
    if (key === undefined) return;
    const rows: Row[] = [];
    for (let i = from; i < to; i += 1) {
      const place = (order[i] ?? 0) % PLACES;
      const batch = batches[batchOf[place] ?? 0];
      if (batch !== undefined) this.#readRow(rows, batch, offsetOf[place] ?? 0, { series, ...key });
    }
    rows.sort(byTime);
    for (const chunk of chunksOf(rows)) this.#writeChunk(series, chunk);
    const last = lastMeasured(rows);
    if (last !== undefined) this.#newest.offer(series, last);
  }

  /** A record whose layout is damaged is set aside; so is one of a batch without a check that cannot be read. */
  #readRow(rows: Row[], batch: Buffer, offset: number, { series, ...key }: Key & { readonly series: number }): void {
    try {
      rows.push(readLogEntry(batch, offset, key, this.#layouts));
    } catch (error) {
      if (!isDamage(error)) throw error;
      const what = `a record of series ${series}`;
      setAside(
        this.#results,
        { file: 'intake.db', table: 'log', what, results: 1 },
        series,
        batch.subarray(offset, offset + 1024),
      );
    }
  }

  /** Rows of a small block are rolled up when it is merged: alone they would make as many buckets. */
  #writeChunk(series: number, rows: readonly Row[]): void {
    const isSmall = rows.length < SMALL_ROWS;
    const block = this.#blocks.add({ kind: 'rows', series }, writeBlock(rows, this.#blockLayoutId), isSmall);
    const rolled = isSmall ? 0 : rollUp(rows, this.#sketched);
    const head = headOf(series, rows, rolled === 0 ? 0 : rolled.levels.finest, block);
    this.#heads.add(this.#id, head);
    if (rolled !== 0) this.#rollups.write(this.#id, series, rolled.levels, rolled.buckets);
    this.#rows += rows.length;
    this.#fromMs = Math.min(this.#fromMs, head.fromMs);
    this.#toMs = Math.max(this.#toMs, head.toMs);
  }
}
