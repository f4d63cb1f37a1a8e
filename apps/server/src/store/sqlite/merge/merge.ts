import type { Database } from 'better-sqlite3';
import { HEAD_COLUMNS, intactHeads, type StoredHead } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { type FoldRow, nextFoldId, readFolds, writeFold } from '../blocks/fold-table.ts';
import { setAside } from '../damage/damage-table.ts';
import { DamageNotes } from '../damage/damaged.ts';
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
      const { folds } = readFolds(results, new DamageNotes());
      const running = runningMerge(folds) ?? beginMerge(results, folds, options.all);
      if (running === null) return false;
      new MergeStep(results, running, options).run();
      return true;
    })
    .immediate();
}

/** A merge under way: the new fold, and those that it is made of. A damaged one takes no part: it stays as it is. */
interface Running {
  readonly into: FoldRow;
  readonly sources: readonly FoldRow[];
}

function runningMerge(folds: readonly FoldRow[]): Running | null {
  const into = folds.find(({ throughSeries }) => throughSeries !== null);
  return into === undefined ? null : { into, sources: folds.filter(({ intoFold }) => intoFold === into.id) };
}

function beginMerge(db: Database, folds: readonly FoldRow[], all: boolean): Running | null {
  const quiet = quietFolds(folds);
  const plan = planMerge(quiet, all);
  if (plan === null) return null;
  const chosen = quiet.filter(({ id }) => plan.folds.includes(id));
  const into: FoldRow = {
    id: nextFoldId(db),
    fromMs: Math.min(...chosen.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...chosen.map(({ toMs }) => toMs)),
    rows: chosen.reduce((sum, { rows }) => sum + rows, 0),
    level: plan.level,
    intoFold: null,
    throughSeries: 0,
    sweptMs: Math.min(...chosen.map(({ sweptMs }) => sweptMs)),
  };
  const sources = chosen.map((fold) => ({ ...fold, intoFold: into.id }));
  for (const fold of [into, ...sources]) writeFold(db, fold);
  return { into, sources };
}

class MergeStep {
  readonly #db: Database;
  #into: FoldRow;
  readonly #notes = new DamageNotes();
  readonly #options: MergeOptions;
  readonly #sources: readonly number[];
  readonly #rows: RowMerge;
  readonly #rollups: RollupWriter;

  constructor(db: Database, { into, sources }: Running, options: MergeOptions) {
    this.#db = db;
    this.#options = options;
    this.#into = into;
    this.#sources = sources.map(({ id }) => id);
    const blocks = new BlockStore(db);
    const rollsAll = options.all || into.level >= ROLLS_ALL_FROM;
    this.#rows = new RowMerge(db, blocks, { sketched: options.sketched, rollsAll });
    this.#rollups = new RollupWriter(db, blocks);
  }

  run(): void {
    const due = this.#nextSeries();
    const heads = this.#db.prepare(
      `SELECT ${HEAD_COLUMNS} FROM block_head WHERE fold = ? AND series = ? ORDER BY part`,
    );
    const pieces = piecesWhere(this.#db, 'fold = ? AND series = ? ORDER BY level, part', this.#notes);
    for (const series of due) {
      const rolled = this.#rows.move(
        this.#into.id,
        this.#sources.flatMap((fold) => intactHeads(heads.all(fold, series) as StoredHead[], this.#notes)),
      );
      const all = this.#sources.flatMap((fold) => pieces(fold, series));
      movePieces(this.#rollups, this.#into.id, { series, pieces: all, rolled });
      // Damaged heads do not move: they are deleted with the others' old ones, and noted for good.
      for (const note of this.#notes.take()) setAside(this.#db, note, series);
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
        for (const series of next.all(fold, this.#into.throughSeries ?? 0) as number[]) found.add(series);
    }
    return [...found].sort((a, b) => a - b).slice(0, STEP_SERIES);
  }

  #leave(first: number, last: number): void {
    for (const table of ['block_head', 'rollup_head']) {
      const leave = this.#db.prepare(`DELETE FROM ${table} WHERE fold = ? AND series BETWEEN ? AND ?`);
      for (const fold of this.#sources) leave.run(fold, first, last);
    }
    this.#into = { ...this.#into, throughSeries: last };
    writeFold(this.#db, this.#into);
  }

  #finish(): void {
    const drop = this.#db.prepare('DELETE FROM fold WHERE id = ?');
    for (const source of this.#sources) drop.run(source);
    writeFold(this.#db, { ...this.#into, throughSeries: null });
  }
}
