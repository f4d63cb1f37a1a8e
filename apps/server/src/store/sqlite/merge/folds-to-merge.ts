import type { FoldRow } from '../blocks/fold-table.ts';

/** So many folds of one level become one of the next. */
const FAN_IN = 8;
/** Folds of this level stay as they are: each is made of some hundred stretches of the log. */
const TOP_LEVEL = 3;
/** Folds with more results are never merged again, also when everything is to be compacted. */
const MOST_ROWS = 20_000_000;

export interface FoldInfo {
  readonly id: number;
  readonly level: number;
  readonly rows: number;
}

/** Folds that are to become one, and the level of that one; null where there is nothing to merge. */
export interface MergePlan {
  readonly folds: readonly number[];
  readonly level: number;
}

/** @param all merges whatever can be merged, rather than as many folds as make it worth its writing. */
export function planMerge(folds: readonly FoldInfo[], all: boolean): MergePlan | null {
  const inOrder = folds.filter(({ rows }) => rows <= MOST_ROWS).sort((a, b) => a.id - b.id);
  if (all) {
    if (inOrder.length < 2) return null;
    return { folds: inOrder.map(({ id }) => id), level: Math.max(...inOrder.map(({ level }) => level)) };
  }
  for (let level = 0; level < TOP_LEVEL; level += 1) {
    const some = inOrder.filter((fold) => fold.level === level).slice(0, FAN_IN);
    if (some.length === FAN_IN) return { folds: some.map(({ id }) => id), level: level + 1 };
  }
  return null;
}

/** Folds that take no part in a merge. */
export const quietFolds = (folds: readonly FoldRow[]): readonly FoldRow[] =>
  folds.filter(({ intoFold, throughSeries }) => intoFold === null && throughSeries === null);
