/**
 * Longest time between two adjacent points of a line where no result is missing, ms. Results are due every
 * `intervalMs`. Points are at the starts of buckets of `bucketMs`, or at the results themselves where it is null.
 */
export function longestStep(intervalMs: number, bucketMs: number | null): number {
  if (bucketMs === null) return intervalMs;
  return intervalMs <= bucketMs ? bucketMs : intervalMs + bucketMs;
}

/** A pause of this many longest steps is a gap. Instants are exact, so one missing result makes a gap. */
export const GAP_STEPS = 1.5;

type Cell = number | null | undefined;

/** Indexes of values with a gap (null) or the end on both sides. `undefined` means that the line has no point there. */
export function lonelyIn(column: ArrayLike<Cell>): number[] {
  const points = Array.from(column, (value, place) => ({ value, place })).filter(({ value }) => value !== undefined);
  const isGap = (index: number) => (points[index]?.value ?? null) === null;
  return points
    .filter(({ value }, index) => value !== null && isGap(index - 1) && isGap(index + 1))
    .map(({ place }) => place);
}
