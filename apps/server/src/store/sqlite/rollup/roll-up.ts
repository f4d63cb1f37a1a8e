import type { Row } from '../codec/row.ts';
import { type Bucket, bucketsOf } from './bucket.ts';
import { COARSEST, finestFor, widthOf } from './levels.ts';
import type { PieceLevels } from './rollup-store.ts';

/** Buckets of rows at the finest level that is worth keeping of them. */
export interface RolledUp {
  readonly levels: PieceLevels;
  readonly buckets: readonly Bucket[];
}

/** Sums up rows of one series, oldest first. The coarser levels follow when folds are merged. */
export function rollUp(rows: readonly Row[], sketched: ReadonlySet<string>): RolledUp {
  const spanMs = (rows.at(-1)?.record.at ?? 0) - (rows[0]?.record.at ?? 0);
  const finest = finestFor(rows.length, spanMs);
  return {
    levels: { level: finest, finest, isLifted: finest === COARSEST },
    buckets: bucketsOf(rows, widthOf(finest), sketched),
  };
}
