import type { Database } from 'better-sqlite3';
import { LayoutBook } from '../codec/layouts.ts';
import { readLogEntry } from '../codec/log-batch.ts';
import { isRepeated, type Row, verdictCode } from '../codec/row.ts';
import { writeBlock } from '../codec/write-block.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { foldedThrough } from '../results-database.ts';
import { byTime, chunksOf } from './chunks.ts';
import { type Gathered, gather, PLACES } from './gather.ts';

export interface FoldOptions {
  /** Most bytes of log that one fold holds in memory. */
  readonly mostBytes: number;
  /** Called after each series, to give way to the intake. */
  readonly pause: () => void;
}

/**
 * Turns one stretch of the log into blocks, in one transaction with `folded_through`.
 * @returns how many results it folded; 0 when the log holds nothing more.
 */
export function foldOnce(intake: Database, results: Database, { mostBytes, pause }: FoldOptions): number {
  const gathered = gather(intake, foldedThrough(results), mostBytes);
  if (gathered === null) return 0;
  results.exec('BEGIN IMMEDIATE');
  try {
    new Fold(intake, results).write(gathered, pause);
    results.exec('COMMIT');
  } catch (error) {
    if (results.inTransaction) results.exec('ROLLBACK');
    throw error;
  }
  return gathered.rows;
}

interface Key {
  readonly check: number;
  readonly target: number;
}

class Fold {
  readonly #results: Database;
  readonly #layouts: LayoutBook;
  readonly #blockLayouts = new Map<string, number>();
  readonly #table;
  readonly #keys: ReadonlyMap<number, Key>;
  readonly #addBlock;
  readonly #addHead;
  readonly #addNewest;
  #id = 0;
  #rows = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;

  constructor(intake: Database, results: Database) {
    this.#results = results;
    this.#layouts = new LayoutBook(layoutTable(intake));
    this.#table = layoutTable(results);
    const series = intake.prepare('SELECT id, check_id, target FROM series').all() as {
      id: number;
      check_id: number;
      target: number;
    }[];
    this.#keys = new Map(series.map(({ id, check_id, target }) => [id, { check: check_id, target }]));
    this.#addBlock = results.prepare('INSERT INTO block (data) VALUES (?)');
    this.#addHead = results.prepare(
      'INSERT INTO block_head (fold, series, part, from_ms, to_ms, rows, verdicts, block, repeated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#addNewest = results.prepare(
      `INSERT INTO newest VALUES (?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE
       SET at = excluded.at, verdict = excluded.verdict, block = excluded.block, row = excluded.row WHERE excluded.at >= at`,
    );
  }

  write(gathered: Gathered, pause: () => void): void {
    this.#id = ((this.#results.prepare('SELECT max(id) FROM fold').pluck().get() as number | null) ?? 0) + 1;
    const { order } = gathered;
    for (let from = 0; from < order.length; ) {
      const series = Math.floor((order[from] ?? 0) / PLACES);
      let to = from + 1;
      while (to < order.length && Math.floor((order[to] ?? 0) / PLACES) === series) to += 1;
      this.#writeSeries(series, gathered, from, to);
      from = to;
      pause();
    }
    if (this.#rows > 0)
      this.#results.prepare('INSERT INTO fold VALUES (?, ?, ?, ?)').run(this.#id, this.#fromMs, this.#toMs, this.#rows);
    this.#results.prepare(`UPDATE meta SET value = ? WHERE key = 'folded_through'`).run(gathered.through);
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
    chunksOf(rows).forEach((chunk, part) => {
      this.#writeChunk(series, part, chunk);
    });
  }

  #writeChunk(series: number, part: number, rows: readonly Row[]): void {
    const first = rows[0]?.record.at ?? 0;
    const last = rows.at(-1)?.record;
    if (last === undefined) return;
    let verdicts = 0;
    for (const { record } of rows) verdicts |= 1 << verdictCode(record.verdict);
    const repeated = rows.filter(({ record }) => isRepeated(record)).length;
    const block = Number(this.#addBlock.run(writeBlock(rows, (json) => this.#layoutId(json))).lastInsertRowid);
    this.#addHead.run(this.#id, series, part, first, last.at, rows.length, verdicts, block, repeated);
    this.#addNewest.run(series, last.at, verdictCode(last.verdict), block, rows.length - 1);
    this.#rows += rows.length;
    this.#fromMs = Math.min(this.#fromMs, first);
    this.#toMs = Math.max(this.#toMs, last.at);
  }

  #layoutId(json: string): number {
    let id = this.#blockLayouts.get(json);
    if (id === undefined) {
      id = this.#table.idOf(json);
      this.#blockLayouts.set(json, id);
    }
    return id;
  }
}
