import type { Database } from 'better-sqlite3';
import { type BlockHead, HEAD_COLUMNS } from '../blocks/block-head.ts';
import { bucketStart } from '../rollup/bucket.ts';
import { COARSEST, type Level, widthOf } from '../rollup/levels.ts';
import { type PieceHead, piecesWhere } from '../rollup/rollup-store.ts';

/** Series that are asked for. */
export interface Asked {
  readonly series: readonly number[];
  /** They are so many of all that reading whole folds costs less. */
  readonly areMany: boolean;
}

/** [fromMs, toMs), epoch ms. */
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const IN_WINDOW = 'to_ms >= ? AND from_ms < ?';
const NOT_ROLLED = `${IN_WINDOW} AND (rolled = 0 OR rolled > ?)`;
const OF_LEVEL = `${IN_WINDOW}
  AND (level = ? OR (level < ? AND lifted = 0) OR (level > ? AND level = finest AND from_ms < ?))`;

/** Finds heads of blocks and of pieces of rollups, fold by fold. */
export class HeadFinder {
  readonly #folds;
  readonly #blocksOf;
  readonly #blocksIn;
  readonly #piecesOf;
  readonly #piecesIn;

  constructor(db: Database) {
    const head = (where: string) => db.prepare(`SELECT ${HEAD_COLUMNS} FROM block_head WHERE ${where}`);
    this.#folds = db.prepare(`SELECT id FROM fold WHERE ${IN_WINDOW} ORDER BY id`).pluck();
    this.#blocksOf = head(`fold = ? AND series = ? AND ${NOT_ROLLED}`);
    this.#blocksIn = head(`fold = ? AND ${NOT_ROLLED}`);
    this.#piecesOf = piecesWhere(db, `fold = ? AND series = ? AND ${OF_LEVEL}`);
    this.#piecesIn = piecesWhere(db, `fold = ? AND ${OF_LEVEL}`);
  }

  /** @param level leaves out blocks whose rows this level of rollups has. */
  blocks(asked: Asked, { fromMs, toMs }: Window, level: Level | null): readonly BlockHead[] {
    const of = [fromMs, toMs, level ?? -1] as const;
    return inFolds<BlockHead>(
      asked,
      this.#folds.all(fromMs, toMs) as number[],
      (fold, series) => this.#blocksOf.all(fold, series, ...of) as BlockHead[],
      (fold) => this.#blocksIn.all(fold, ...of) as BlockHead[],
    );
  }

  /**
   * Pieces that hold a level's buckets: its own, finer ones that are not lifted yet, and, before the instant until which
   * the results themselves are retired, coarser ones of runs for which this level is skipped.
   */
  pieces(asked: Asked, { fromMs, toMs }: Window, level: Level, retiredMs: number): readonly PieceHead[] {
    const widest = widthOf(COARSEST);
    const earliest = bucketStart(fromMs, widest);
    const of = [earliest, toMs, level, level, level, retiredMs] as const;
    return inFolds<PieceHead>(
      asked,
      this.#folds.all(earliest - widest, toMs + widest) as number[],
      (fold, series) => this.#piecesOf(fold, series, ...of),
      (fold) => this.#piecesIn(fold, ...of),
    );
  }
}

function inFolds<Head extends { readonly series: number }>(
  { series, areMany }: Asked,
  folds: readonly number[],
  ofOne: (fold: number, series: number) => readonly Head[],
  ofAll: (fold: number) => readonly Head[],
): readonly Head[] {
  if (!areMany) return folds.flatMap((fold) => series.flatMap((id) => ofOne(fold, id)));
  const wanted = new Set(series);
  return folds.flatMap((fold) => ofAll(fold).filter((head) => wanted.has(head.series)));
}
