import { type Delays, measuredOf } from './delays.ts';

/** What a set of measured values looks like, in the unit of the values. */
export interface Distribution {
  /** How many values were measured; 1 or more. */
  readonly count: number;
  readonly min: number;
  /** Arithmetic mean. */
  readonly avg: number;
  /** Middle value; the mean of the two middle ones when the count is even. */
  readonly median: number;
  /** 95th percentile by `percentileOfSorted`: always one of the values. */
  readonly p95: number;
  readonly max: number;
  /**
   * Sample standard deviation (divisor count - 1). Absent when only one value was measured: one value says nothing of
   * spread. The `mdev` of ping divides by count and is smaller by the factor sqrt((count - 1) / count).
   */
  readonly stddev?: number;
}

/**
 * The smallest value of which at least `pct` percent of all values are equal or smaller ("nearest rank"); never an
 * interpolation, always one of the values. Undefined for an empty set.
 * @param sorted values in rising order, all finite.
 * @param pct above 0 and up to 100; 0 gives the smallest value.
 *
 * Source: RFC 2330 (percentile of the empirical distribution function).
 */
export function percentileOfSorted(sorted: ArrayLike<number>, pct: number): number | undefined {
  if (!(pct >= 0 && pct <= 100)) throw new RangeError(`pct must lie between 0 and 100, got ${pct}`);
  return sorted[rankOf(pct, sorted.length) - 1];
}

/** Rank (from 1) of the percentile among `count` values; the tiny term undoes binary rounding such as 99.9 * 10. */
export function rankOf(pct: number, count: number): number {
  return Math.max(1, Math.ceil((pct * count) / 100 - 1e-9));
}

/** Mean of the two middle values when the count is even, the middle one otherwise; undefined for an empty set. */
function medianOfSorted(sorted: Float64Array): number | undefined {
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  const lower = sorted[(sorted.length >> 1) - 1] ?? upper;
  return lower + (upper - lower) / 2;
}

/** Mean as an offset from the smallest value, so that equal values give exactly themselves. */
function meanFrom(values: Float64Array, min: number): number {
  let sum = 0;
  for (const value of values) sum += value - min;
  return min + sum / values.length;
}

/** Second pass around the mean; the squared sum of deviations takes out what rounding left in the mean. */
function sampleStddev(values: Float64Array, mean: number): number | undefined {
  if (values.length < 2) return undefined;
  let squares = 0;
  let deviations = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    deviations += value - mean;
  }
  return Math.sqrt(Math.max(0, squares - deviations ** 2 / values.length) / (values.length - 1));
}

/**
 * Describes measured values, in their own unit and any order. Places without a measurement (null, not finite) are left
 * out, so lost packets do not count as long ones. Undefined when nothing was measured.
 */
export function distributionOf(values: Delays): Distribution | undefined {
  const sorted = measuredOf(values).sort();
  const min = sorted[0];
  const max = sorted[sorted.length - 1];
  const median = medianOfSorted(sorted);
  const p95 = percentileOfSorted(sorted, 95);
  if (min === undefined || max === undefined || median === undefined || p95 === undefined) return undefined;
  const avg = meanFrom(sorted, min);
  const stddev = sampleStddev(sorted, avg);
  return { count: sorted.length, min, avg, median, p95, max, ...(stddev === undefined ? {} : { stddev }) };
}
