/**
 * Longest time between two neighbouring points of a line where no result is missing, ms. Results are due every
 * `intervalMs`; points stand at the beginnings of buckets of `bucketMs`, or at the results themselves where it is null.
 */
export function longestStep(intervalMs: number, bucketMs: number | null): number {
  if (bucketMs === null) return intervalMs;
  return intervalMs <= bucketMs ? bucketMs : intervalMs + bucketMs;
}

/** A pause this many times as long as the longest step is a gap: instants are exact, so one missing result makes one. */
export const GAP_STEPS = 1.5;

type Cell = number | null | undefined;

/** Places of values with a gap (null) or the end on both sides; `undefined` means that the line has no point there. */
export function lonelyIn(column: ArrayLike<Cell>): number[] {
  const points = Array.from(column, (value, place) => ({ value, place })).filter(({ value }) => value !== undefined);
  const isGap = (index: number) => (points[index]?.value ?? null) === null;
  return points
    .filter(({ value }, index) => value !== null && isGap(index - 1) && isGap(index + 1))
    .map(({ place }) => place);
}
