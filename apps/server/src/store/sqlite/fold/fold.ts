import type { Database } from 'better-sqlite3';
import { headOf, headTable, SMALL_ROWS } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { byTime, chunksOf } from '../blocks/chunks.ts';
import { NewestTable } from '../blocks/newest-table.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { readLogEntry } from '../codec/log-batch.ts';
import type { Row } from '../codec/row.ts';
import { writeBlock } from '../codec/write-block.ts';
import { layoutIds, layoutTable } from '../intake/layout-table.ts';
import { foldedThrough } from '../results-database.ts';
import { rollUp } from '../rollup/roll-up.ts';
import { RollupWriter } from '../rollup/rollup-store.ts';
import { type Gathered, gather, PLACES, type Stretch, stretchOf } from './gather.ts';

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
    const series = intake.prepare('SELECT id, check_id, target FROM series').all() as {
      id: number;
      check_id: number;
      target: number;
    }[];
    this.#keys = new Map(series.map(({ id, check_id, target }) => [id, { check: check_id, target }]));
    this.#blocks = new BlockStore(results);
    this.#heads = headTable(results);
    this.#rollups = new RollupWriter(results, this.#blocks);
    this.#sketched = sketched;
    this.#newest = new NewestTable(results, this.#layouts);
  }

  /** Part of the series after part, in ascending order: so only their part of the stretch is in memory. */
  write(stretch: Stretch, pause: () => void): void {
    this.#id = ((this.#results.prepare('SELECT max(id) FROM fold').pluck().get() as number | null) ?? 0) + 1;
    const all = [...this.#keys.keys()].sort((a, b) => a - b);
    const parts = Math.max(1, Math.min(all.length, Math.ceil(stretch.bytes / PART_BYTES)));
    for (let part = 0; part < parts; part += 1) {
      const first = all[Math.floor((part * all.length) / parts)] ?? 0;
      const end = all[Math.floor(((part + 1) * all.length) / parts)] ?? Number.POSITIVE_INFINITY;
      this.#writePart(
        gather(this.#intake, stretch, (series) => series >= first && series < end),
        pause,
      );
    }
    if (this.#rows > 0)
      this.#results
        .prepare('INSERT INTO fold (id, from_ms, to_ms, rows) VALUES (?, ?, ?, ?)')
        .run(this.#id, this.#fromMs, this.#toMs, this.#rows);
    this.#results.prepare(`UPDATE meta SET value = ? WHERE key = 'folded_through'`).run(stretch.through);
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
    const key = this.#keys.get(series);
    if (key === undefined) return;
    const rows: Row[] = [];
    for (let i = from; i < to; i += 1) {
      const place = (order[i] ?? 0) % PLACES;
      const batch = batches[batchOf[place] ?? 0];
      if (batch !== undefined) rows.push(readLogEntry(batch, offsetOf[place] ?? 0, key, this.#layouts));
    }
    rows.sort(byTime);
    for (const chunk of chunksOf(rows)) this.#writeChunk(series, chunk);
    const last = rows.at(-1);
    if (last !== undefined) this.#newest.offer(series, last);
  }

  /** Rows of a small block are rolled up when it is merged: alone they would make as many buckets. */
  #writeChunk(series: number, rows: readonly Row[]): void {
    const isSmall = rows.length < SMALL_ROWS;
    const block = this.#blocks.add(writeBlock(rows, this.#blockLayoutId), isSmall);
    const rolled = isSmall ? 0 : rollUp(rows, this.#sketched);
    const head = headOf(series, rows, rolled === 0 ? 0 : rolled.levels.finest, block);
    this.#heads.add(this.#id, head);
    if (rolled !== 0) this.#rollups.write(this.#id, series, rolled.levels, rolled.buckets);
    this.#rows += rows.length;
    this.#fromMs = Math.min(this.#fromMs, head.fromMs);
    this.#toMs = Math.max(this.#toMs, head.toMs);
  }
}
