import { rankOf } from './distribution.ts';

/**
 * A sketch of a distribution: counts in buckets whose width grows with the value, so that any quantile comes back
 * within a stated share of its true value, at a size that does not grow with the number of values. Sketches of the same
 * shape merge into exactly the sketch of all their values together, in any order.
 *
 * Source: DDSketch (VLDB 2019): buckets by logarithm, gamma = (1 + accuracy) / (1 - accuracy).
 */
export interface QuantileSketch extends SketchShape {
  /** How many values are |x| below `SMALLEST_MAGNITUDE` and count as 0. */
  zeros: number;
  /** Bucket of |x| to count, of values above 0. */
  readonly positive: Map<number, number>;
  /** The same of values below 0. */
  readonly negative: Map<number, number>;
}

/** What must be equal in two sketches that are to be merged. */
export interface SketchShape {
  /** Largest relative error of a quantile, in millionths: 10,000 is 1 percent. Whole, 1 to 500,000. */
  readonly accuracyPpm: number;
  /**
   * How many buckets each sign may use, 2 or more. Beyond it the LOWEST values share one bucket and lose accuracy; the
   * high quantiles keep it. 1,024 buckets of 1 percent span a factor of 780 million.
   */
  readonly maxBins: number;
}

/** Values nearer to 0 than this count as 0: in ms it is a millionth of a nanosecond. */
export const SMALLEST_MAGNITUDE = 1e-12;

export const DEFAULT_SKETCH_SHAPE: SketchShape = Object.freeze({ accuracyPpm: 10_000, maxBins: 1024 });

/**
 * A sketch without values.
 * @throws RangeError when the shape is out of range.
 */
export function createSketch(shape: Partial<SketchShape> = {}): QuantileSketch {
  const { accuracyPpm, maxBins } = { ...DEFAULT_SKETCH_SHAPE, ...shape };
  if (!Number.isInteger(accuracyPpm) || accuracyPpm < 1 || accuracyPpm > 500_000) {
    throw new RangeError(`accuracyPpm must be whole and lie between 1 and 500000, got ${accuracyPpm}`);
  }
  if (!Number.isInteger(maxBins) || maxBins < 2 || maxBins > 65_536) {
    throw new RangeError(`maxBins must be whole and lie between 2 and 65536, got ${maxBins}`);
  }
  return { accuracyPpm, maxBins, zeros: 0, positive: new Map(), negative: new Map() };
}

/** Logarithm of the ratio of neighbouring bucket bounds. */
function logGamma(shape: SketchShape): number {
  return Math.log1p(shape.accuracyPpm / 1e6) - Math.log1p(-shape.accuracyPpm / 1e6);
}

/**
 * Counts a value, `times` times.
 * @throws RangeError when the value is not finite (leave absent values out) or `times` is no whole number above 0.
 */
export function addToSketch(sketch: QuantileSketch, value: number, times = 1): void {
  if (!Number.isFinite(value)) throw new RangeError(`a value must be finite, got ${value}`);
  if (!Number.isSafeInteger(times) || times < 1) {
    throw new RangeError(`times must be a whole number above 0, got ${times}`);
  }
  const magnitude = Math.abs(value);
  if (magnitude < SMALLEST_MAGNITUDE) {
    sketch.zeros += times;
    return;
  }
  const bins = value > 0 ? sketch.positive : sketch.negative;
  addToBin(bins, Math.ceil(Math.log(magnitude) / logGamma(sketch)), times);
  collapse(bins, sketch.maxBins, value > 0);
}

function addToBin(bins: Map<number, number>, bin: number, times: number): void {
  bins.set(bin, (bins.get(bin) ?? 0) + times);
}

/**
 * Folds the lowest values into the lowest bucket that may stay. Which bucket that is depends only on the values seen,
 * not on their order, and so a merge is the same in any order.
 */
function collapse(bins: Map<number, number>, maxBins: number, isPositive: boolean): void {
  if (bins.size <= maxBins) return;
  const fromHighest = [...bins.keys()].sort((a, b) => (isPositive ? b - a : a - b));
  const kept = fromHighest[maxBins - 1];
  if (kept === undefined) return;
  for (const bin of fromHighest.slice(maxBins)) {
    addToBin(bins, kept, bins.get(bin) ?? 0);
    bins.delete(bin);
  }
}

/**
 * A new sketch of the values of both.
 * @throws RangeError when their shapes differ.
 */
export function mergeSketches(a: QuantileSketch, b: QuantileSketch): QuantileSketch {
  const merged = createSketch(a);
  mergeInto(merged, a);
  mergeInto(merged, b);
  return merged;
}

/**
 * Adds the values of `source` to `target`, which changes; `source` does not.
 * @throws RangeError when their shapes differ.
 */
export function mergeInto(target: QuantileSketch, source: QuantileSketch): void {
  if (target.accuracyPpm !== source.accuracyPpm || target.maxBins !== source.maxBins) {
    throw new RangeError('sketches to merge must have the same accuracyPpm and maxBins');
  }
  target.zeros += source.zeros;
  for (const [bin, times] of source.positive) addToBin(target.positive, bin, times);
  for (const [bin, times] of source.negative) addToBin(target.negative, bin, times);
  collapse(target.positive, target.maxBins, true);
  collapse(target.negative, target.maxBins, false);
}

/** How many values were counted; 0 or more. */
export function sketchCount(sketch: QuantileSketch): number {
  let count = sketch.zeros;
  for (const times of sketch.positive.values()) count += times;
  for (const times of sketch.negative.values()) count += times;
  return count;
}

/**
 * The percentile by nearest rank, as `percentileOfSorted` would give it from all values, within the accuracy of the
 * sketch (where the lowest values were folded together: for the percentiles above them). Undefined for no values.
 * @param pct 0 to 100.
 */
export function sketchPercentile(sketch: QuantileSketch, pct: number): number | undefined {
  if (!(pct >= 0 && pct <= 100)) throw new RangeError(`pct must lie between 0 and 100, got ${pct}`);
  const count = sketchCount(sketch);
  if (count === 0) return undefined;
  let ranksLeft = rankOf(pct, count);
  for (const [value, times] of valuesRising(sketch)) {
    ranksLeft -= times;
    if (ranksLeft <= 0) return value;
  }
  return undefined;
}

/** The value that stands for each bucket, and its count, from the lowest value to the highest. */
function* valuesRising(sketch: QuantileSketch): Generator<readonly [value: number, times: number]> {
  for (const [bin, times] of [...sketch.negative].sort(([a], [b]) => b - a)) yield [-middleOf(sketch, bin), times];
  if (sketch.zeros > 0) yield [0, sketch.zeros];
  for (const [bin, times] of [...sketch.positive].sort(([a], [b]) => a - b)) yield [middleOf(sketch, bin), times];
}

/** The value with the same relative distance to both bounds of the bucket: 2 gamma^bin / (gamma + 1). */
function middleOf(shape: SketchShape, bin: number): number {
  return Math.exp(bin * logGamma(shape)) * (1 - shape.accuracyPpm / 1e6);
}
