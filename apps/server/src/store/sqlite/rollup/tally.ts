import { addToSketch, createSketch, mergeInto, type QuantileSketch } from '@netsonde/metrics';

/** What a bucket keeps of one metric: enough to be added to another. */
export interface Tally {
  /** Values; booleans count as 0 and 1. */
  count: number;
  sum: number;
  /** Infinity and -Infinity while there are no values. */
  min: number;
  max: number;
  /** How often it was absent, by reason. */
  readonly absent: Map<string, number>;
  /** Of the values, where the metric's descriptor asks for it; of each observation, for samples. */
  sketch: QuantileSketch | null;
}

export const newTally = (isSketched: boolean): Tally => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  absent: new Map(),
  sketch: isSketched ? createSketch() : null,
});

export function addValue(tally: Tally, value: number): void {
  tally.count += 1;
  tally.sum += value;
  if (value < tally.min) tally.min = value;
  if (value > tally.max) tally.max = value;
  if (tally.sketch !== null) addToSketch(tally.sketch, value);
}

export function addAbsence(tally: Tally, reason: string, times = 1): void {
  tally.absent.set(reason, (tally.absent.get(reason) ?? 0) + times);
}

/** Adds a tally to another. One of both without a sketch leaves none: a sketch of some values would pass for one of all. */
export function addTally(to: Tally, { count, sum, min, max, absent, sketch }: Tally): void {
  const isFirst = to.count === 0;
  to.count += count;
  to.sum += sum;
  to.min = Math.min(to.min, min);
  to.max = Math.max(to.max, max);
  for (const [reason, times] of absent) addAbsence(to, reason, times);
  if (count === 0) return;
  if (sketch === null) to.sketch = null;
  else if (to.sketch !== null) mergeInto(to.sketch, sketch);
  else if (isFirst) {
    to.sketch = createSketch(sketch);
    mergeInto(to.sketch, sketch);
  }
}
