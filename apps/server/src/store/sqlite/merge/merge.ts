import type { Database } from 'better-sqlite3';
import { type BlockHead, HEAD_COLUMNS } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { piecesWhere, RollupWriter } from '../rollup/rollup-store.ts';
import { planMerge, quietFolds } from './folds-to-merge.ts';
import { movePieces } from './merge-pieces.ts';
import { RowMerge } from './merge-rows.ts';

export interface MergeOptions {
  /** Metrics that keep a quantile sketch in rollups. */
  readonly sketched: ReadonlySet<string>;
  /** Merges whatever can be merged, and rolls up all of it. */
  readonly all: boolean;
  /** Called after each series, to give way to the intake. */
  readonly pause: () => void;
}

/** A merge under way, as the database tells it. */
interface Running {
  readonly id: number;
  readonly level: number;
  readonly throughSeries: number;
}

/** Series of one step, so that its transaction stays small. */
const STEP_SERIES = 256;
/** From this level on everything is rolled up: there will be no more of it soon. */
const ROLLS_ALL_FROM = 2;

/**
 * Merges some series of several folds into one fold, in one transaction; the next step goes on where it ended, also
 * after a crash. Each block is in exactly one fold at any time.
 * @returns whether it did anything: false when there is nothing to merge.
 */
export function mergeStep(results: Database, options: MergeOptions): boolean {
  return results
    .transaction(() => {
      const running = runningMerge(results) ?? beginMerge(results, options.all);
      if (running === null) return false;
      new MergeStep(results, running, options).run();
      return true;
    })
    .immediate();
}

const runningMerge = (db: Database): Running | null =>
  (db.prepare('SELECT id, level, through_series AS throughSeries FROM fold WHERE through_series IS NOT NULL').get() as
    | Running
    | undefined) ?? null;

function beginMerge(db: Database, all: boolean): Running | null {
  const plan = planMerge(quietFolds(db), all);
  if (plan === null) return null;
  const sources = plan.folds.join(',');
  const id = (db.prepare('SELECT max(id) FROM fold').pluck().get() as number) + 1;
  db.prepare(
    `INSERT INTO fold (id, from_ms, to_ms, rows, swept_ms, level, through_series)
     SELECT ?, min(from_ms), max(to_ms), sum(rows), min(swept_ms), ?, 0 FROM fold WHERE id IN (${sources})`,
  ).run(id, plan.level);
  db.prepare(`UPDATE fold SET into_fold = ? WHERE id IN (${sources})`).run(id);
  return { id, level: plan.level, throughSeries: 0 };
}

class MergeStep {
  readonly #db: Database;
  readonly #merge: Running;
  readonly #options: MergeOptions;
  readonly #sources: readonly number[];
  readonly #rows: RowMerge;
  readonly #rollups: RollupWriter;

  constructor(db: Database, merge: Running, options: MergeOptions) {
    this.#db = db;
    this.#merge = merge;
    this.#options = options;
    this.#sources = db.prepare('SELECT id FROM fold WHERE into_fold = ? ORDER BY id').pluck().all(merge.id) as number[];
    const blocks = new BlockStore(db);
    const rollsAll = options.all || merge.level >= ROLLS_ALL_FROM;
    this.#rows = new RowMerge(db, blocks, { sketched: options.sketched, rollsAll });
    this.#rollups = new RollupWriter(db, blocks);
  }

  run(): void {
    const due = this.#nextSeries();
    const heads = this.#db.prepare(
      `SELECT ${HEAD_COLUMNS} FROM block_head WHERE fold = ? AND series = ? ORDER BY part`,
    );
    const pieces = piecesWhere(this.#db, 'fold = ? AND series = ? ORDER BY level, part');
    for (const series of due) {
      const rolled = this.#rows.move(
        this.#merge.id,
        this.#sources.flatMap((fold) => heads.all(fold, series) as BlockHead[]),
      );
      const all = this.#sources.flatMap((fold) => pieces(fold, series));
      movePieces(this.#rollups, this.#merge.id, { series, pieces: all, rolled });
      this.#options.pause();
    }
    const last = due.at(-1);
    if (last !== undefined) this.#leave(due[0] ?? 0, last);
    if (due.length < STEP_SERIES) this.#finish();
  }

  /** The next series that any source has, in order. */
  #nextSeries(): readonly number[] {
    const found = new Set<number>();
    for (const table of ['block_head', 'rollup_head']) {
      const next = this.#db
        .prepare(
          `SELECT DISTINCT series FROM ${table} WHERE fold = ? AND series > ? ORDER BY series LIMIT ${STEP_SERIES}`,
        )
        .pluck();
      for (const fold of this.#sources)
        for (const series of next.all(fold, this.#merge.throughSeries) as number[]) found.add(series);
    }
    return [...found].sort((a, b) => a - b).slice(0, STEP_SERIES);
  }

  #leave(first: number, last: number): void {
    for (const table of ['block_head', 'rollup_head']) {
      const leave = this.#db.prepare(`DELETE FROM ${table} WHERE fold = ? AND series BETWEEN ? AND ?`);
      for (const fold of this.#sources) leave.run(fold, first, last);
    }
    this.#db.prepare('UPDATE fold SET through_series = ? WHERE id = ?').run(last, this.#merge.id);
  }

  #finish(): void {
    this.#db.prepare('DELETE FROM fold WHERE into_fold = ?').run(this.#merge.id);
    this.#db.prepare('UPDATE fold SET through_series = NULL WHERE id = ?').run(this.#merge.id);
  }
}
