import type { Database } from 'better-sqlite3';
import { type BlockHead, HEAD_COLUMNS, intactHeads, type StoredHead } from '../blocks/block-head.ts';
import { readFolds } from '../blocks/fold-table.ts';
import type { DamageNotes } from '../damage/damaged.ts';
import { bucketStart } from '../rollup/bucket.ts';
import { COARSEST, type Level, widthOf } from '../rollup/levels.ts';
import { type PieceHead, piecesWhere } from '../rollup/rollup-store.ts';

/** The queried series. */
export interface Asked {
  readonly series: readonly number[];
  /** Set if they are so many of all that reading whole folds costs less. */
  readonly areMany: boolean;
}

/** [fromMs, toMs), epoch ms. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const IN_WINDOW = 'to_ms >= ? AND from_ms < ?';
const NOT_ROLLED = `${IN_WINDOW} AND (rolled = 0 OR rolled > ?)`;
const WITH_SEQUENCE = '(epoch IS NULL OR epoch = ?) AND (seq_from IS NULL OR (seq_from <= ? AND seq_to >= ?))';
const OF_LEVEL = `${IN_WINDOW}
  AND (level = ? OR (level < ? AND lifted = 0) OR (level > ? AND level = finest AND from_ms < ?))`;

const FOLDS_OF_HEADS = 'SELECT DISTINCT fold FROM block_head UNION SELECT DISTINCT fold FROM rollup_head';

/** Finds heads of blocks and of pieces of rollups, fold by fold. */
export class HeadFinder {
  readonly #db: Database;
  readonly #notes: DamageNotes;
  readonly #blocksOf;
  readonly #blocksIn;
  readonly #blocksWith;
  readonly #piecesOf;
  readonly #piecesIn;

  constructor(db: Database, notes: DamageNotes) {
    this.#db = db;
    this.#notes = notes;
    const head = (where: string) => db.prepare(`SELECT ${HEAD_COLUMNS} FROM block_head WHERE ${where}`);
    this.#blocksOf = head(`fold = ? AND series = ? AND ${NOT_ROLLED}`);
    this.#blocksIn = head(`fold = ? AND ${NOT_ROLLED}`);
    this.#blocksWith = head(`fold = ? AND series = ? AND ${IN_WINDOW} AND ${WITH_SEQUENCE}`);
    this.#piecesOf = piecesWhere(db, `fold = ? AND series = ? AND ${OF_LEVEL}`, notes);
    this.#piecesIn = piecesWhere(db, `fold = ? AND ${OF_LEVEL}`, notes);
  }

  /** Heads of blocks that may have a sequence of an epoch, including heads from a version without sequences. */
  blocksWith(
    series: readonly number[],
    { epoch, seq, ...window }: Window & { readonly epoch: number; readonly seq: number },
  ): readonly BlockHead[] {
    const { fromMs, toMs } = window;
    return this.#inFolds<BlockHead>(
      { series, areMany: false },
      window,
      (fold, id) =>
        intactHeads(this.#blocksWith.all(fold, id, fromMs, toMs, epoch, seq, seq) as StoredHead[], this.#notes),
      () => [],
    );
  }

  /** @param level leaves out blocks whose rows this level of rollups has. */
  blocks(asked: Asked, { fromMs, toMs }: Window, level: Level | null): readonly BlockHead[] {
    const of = [fromMs, toMs, level ?? -1] as const;
    return this.#inFolds<BlockHead>(
      asked,
      { fromMs, toMs },
      (fold, series) => intactHeads(this.#blocksOf.all(fold, series, ...of) as StoredHead[], this.#notes),
      (fold) => intactHeads(this.#blocksIn.all(fold, ...of) as StoredHead[], this.#notes),
    );
  }

  /**
   * Pieces with a level's buckets: its own, finer ones that are not lifted yet, and, before the horizon of the results,
   * coarser ones of runs for which this level is skipped.
   */
  pieces(asked: Asked, { fromMs, toMs }: Window, level: Level, retiredMs: number): readonly PieceHead[] {
    const widest = widthOf(COARSEST);
    const earliest = bucketStart(fromMs, widest);
    const of = [earliest, toMs, level, level, level, retiredMs] as const;
    return this.#inFolds<PieceHead>(
      asked,
      { fromMs: earliest - widest, toMs: toMs + widest },
      (fold, series) => this.#piecesOf(fold, series, ...of),
      (fold) => this.#piecesIn(fold, ...of),
    );
  }

  #inFolds<Head extends { readonly series: number }>(
    { series, areMany }: Asked,
    window: Window,
    ofOne: (fold: number, series: number) => readonly Head[],
    ofAll: (fold: number) => readonly Head[],
  ): readonly Head[] {
    const folds = this.#foldsIn(window);
    const guarded = (fold: number, read: () => readonly Head[]) =>
      this.#notes.guard<readonly Head[]>(
        { file: 'results.db', table: 'block_head', what: `pages of fold ${fold}`, results: null },
        [],
        read,
      );
    if (!areMany) return folds.flatMap((fold) => series.flatMap((id) => guarded(fold, () => ofOne(fold, id))));
    const wanted = new Set(series);
    return folds.flatMap((fold) => guarded(fold, () => ofAll(fold).filter((head) => wanted.has(head.series))));
  }

  /** Folds that may have results in a window. If a fold's row is damaged, the folds are taken from the heads. */
  #foldsIn({ fromMs, toMs }: Window): readonly number[] {
    const { folds, damaged } = this.#notes.guard(
      { file: 'results.db', table: 'fold', what: 'its pages', results: null },
      { folds: [], damaged: [0] },
      () => readFolds(this.#db, this.#notes),
    );
    const inWindow = folds.filter((fold) => fold.toMs >= fromMs && fold.fromMs < toMs).map(({ id }) => id);
    if (damaged.length === 0) return inWindow;
    const known = new Set(folds.map(({ id }) => id));
    const untold = this.#notes.guard(
      { file: 'results.db', table: 'block_head', what: 'its pages', results: null },
      damaged,
      () => this.#db.prepare(FOLDS_OF_HEADS).pluck().all() as number[],
    );
    return [...inWindow, ...untold.filter((fold) => !known.has(fold))].sort((a, b) => a - b);
  }
}
