/** A level of rollups: 1 is the finest. 0 stands for the results themselves. */
export type Level = 1 | 2 | 3;

/** Width of a level's buckets, ms. Each divides a day and the next one, and buckets begin at whole multiples (UTC). */
const WIDTHS: Readonly<Record<Level, number>> = { 1: 300_000, 2: 3_600_000, 3: 86_400_000 };
export const LEVELS: readonly Level[] = [1, 2, 3];
export const COARSEST: Level = 3;

/** A bucket with fewer runs says no more than its runs do: such a level is skipped. */
const FEWEST_RUNS = 5;

export const widthOf = (level: Level): number => WIDTHS[level];

/** The finest level whose buckets hold about five runs or more, for runs spaced as these are; a single run tells no spacing. */
export function finestFor(rows: number, spanMs: number): Level {
  if (rows < 2) return COARSEST;
  const spacingMs = spanMs / (rows - 1);
  return LEVELS.find((level) => widthOf(level) >= FEWEST_RUNS * spacingMs) ?? COARSEST;
}

/** The coarsest level whose buckets are no wider than a chart's; 0 where all are. */
export function levelWithin(bucketMs: number): Level | 0 {
  return LEVELS.findLast((level) => widthOf(level) <= bucketMs) ?? 0;
}
