import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileOfSorted } from './distribution.ts';
import {
  addToSketch,
  createSketch,
  mergeInto,
  mergeSketches,
  type QuantileSketch,
  type SketchShape,
  sketchCount,
  sketchPercentile,
} from './quantile-sketch.ts';
import { encodeSketch } from './sketch-codec.ts';

const magnitude = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
const value = fc.tuple(magnitude, fc.boolean()).map(([size, negative]) => (negative && size > 0 ? -size : size));
const values = fc.array(value, { minLength: 1, maxLength: 200 });
const pct = fc.double({ min: 0, max: 100, noNaN: true });
const TIGHT: Partial<SketchShape> = { accuracyPpm: 50_000, maxBins: 4 };

function sketchOf(given: Iterable<number>, shape: Partial<SketchShape> = {}): QuantileSketch {
  const sketch = createSketch(shape);
  for (const one of given) addToSketch(sketch, one);
  return sketch;
}

function expectWithin(estimate: number | undefined, exact: number | undefined, accuracy: number): void {
  if (estimate === undefined || exact === undefined) throw new Error('expected two numbers');
  expect(Math.abs(estimate - exact)).toBeLessThanOrEqual((accuracy + 1e-9) * Math.abs(exact));
}

describe('quantile sketch', () => {
  it('a sketch without values has no percentile', () => {
    expect(sketchPercentile(createSketch(), 50)).toBeUndefined();
    expect(sketchCount(createSketch())).toBe(0);
  });

  it('a sketch returns every percentile within its accuracy', () => {
    fc.assert(
      fc.property(values, pct, fc.constantFrom(1000, 10_000, 100_000), (given, share, accuracyPpm) => {
        const sketch = sketchOf(given, { accuracyPpm, maxBins: 65_536 });
        const exact = percentileOfSorted(Float64Array.from(given).sort(), share);
        expectWithin(sketchPercentile(sketch, share), exact, accuracyPpm / 1e6);
        expect(sketchCount(sketch)).toBe(given.length);
      }),
    );
  });

  it('a sketch keeps values on a bound of a bucket within the accuracy', () => {
    // With accuracy 1/3, gamma = (4/3) / (2/3) = 2, so powers of two are bounds.
    for (let power = -20; power <= 20; power++) {
      const sketch = sketchOf([2 ** power], { accuracyPpm: 333_333 });
      expectWithin(sketchPercentile(sketch, 50), 2 ** power, 0.333333);
    }
  });

  it('sketches merge to the sketch of all values, in any order and grouping', () => {
    fc.assert(
      fc.property(values, values, values, fc.constantFrom({}, TIGHT), (a, b, c, shape) => {
        const [x, y, z] = [sketchOf(a, shape), sketchOf(b, shape), sketchOf(c, shape)];
        const whole = encodeSketch(sketchOf([...a, ...b, ...c], shape));
        expect(encodeSketch(mergeSketches(mergeSketches(x, y), z))).toEqual(whole);
        expect(encodeSketch(mergeSketches(x, mergeSketches(y, z)))).toEqual(whole);
        expect(encodeSketch(mergeSketches(z, mergeSketches(y, x)))).toEqual(whole);
      }),
    );
  });

  it('a merge does not change its inputs', () => {
    const [a, b] = [sketchOf([1, 2]), sketchOf([3])];
    const before = encodeSketch(a);
    mergeSketches(a, b);
    expect(encodeSketch(a)).toEqual(before);
    mergeInto(a, b);
    expect(sketchCount(a)).toBe(3);
    expect(sketchCount(b)).toBe(1);
  });

  it('a full sketch folds the lowest values and keeps the high percentiles', () => {
    const given = Array.from({ length: 100 }, (_, i) => 1.5 ** i);
    const sketch = sketchOf(given, { accuracyPpm: 10_000, maxBins: 10 });
    expect(sketch.positive.size).toBe(10);
    expect(sketchCount(sketch)).toBe(100);
    for (const share of [92, 95, 99, 100]) {
      expectWithin(sketchPercentile(sketch, share), percentileOfSorted(given, share), 0.01);
    }
  });

  it('a full sketch folds the lowest values below zero in the same way', () => {
    const sketch = sketchOf([-1000, -100, -10, -1], { accuracyPpm: 10_000, maxBins: 2 });
    // -1000 and -100 are counted as -10, the second highest; -1 stays.
    for (const share of [25, 50, 75]) expectWithin(sketchPercentile(sketch, share), -10, 0.01);
    expectWithin(sketchPercentile(sketch, 100), -1, 0.01);
  });

  it('a sketch counts a value many times', () => {
    const sketch = createSketch();
    addToSketch(sketch, 5, 99);
    addToSketch(sketch, 500);
    expectWithin(sketchPercentile(sketch, 99), 5, 0.01);
    expectWithin(sketchPercentile(sketch, 100), 500, 0.01);
  });

  it('a sketch refuses impossible values, by name', () => {
    expect(() => addToSketch(createSketch(), Number.NaN)).toThrow(/value/);
    expect(() => addToSketch(createSketch(), Number.POSITIVE_INFINITY)).toThrow(/value/);
    expect(() => addToSketch(createSketch(), 1, 0)).toThrow(/times/);
    expect(() => createSketch({ accuracyPpm: 0 })).toThrow(/accuracyPpm/);
    expect(() => createSketch({ maxBins: 1 })).toThrow(/maxBins/);
    expect(() => mergeSketches(createSketch(), createSketch(TIGHT))).toThrow(/same/);
    expect(() => sketchPercentile(createSketch(), -1)).toThrow(/pct/);
  });
});
