import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf, percentileOfSorted } from './distribution.ts';

describe('distributionOf', () => {
  it('distributionOf describes a worked set', () => {
    // 2 4 4 4 5 5 7 9: sum 40, mean 5; squares of deviations 9 1 1 1 0 0 4 16 = 32; 32 / 7.
    // Middle values 4 and 5; rank of the 95th percentile ceil(0.95 * 8) = 8, the largest.
    expect(distributionOf([9, 2, 4, 5, 4, 7, 5, 4])).toEqual({
      count: 8,
      min: 2,
      avg: 5,
      median: 4.5,
      p95: 9,
      max: 9,
      stddev: Math.sqrt(32 / 7),
    });
  });

  it('distributionOf leaves lost packets out', () => {
    expect(distributionOf([null, 3, Number.NaN, 1, null, 2])).toEqual({
      count: 3,
      min: 1,
      avg: 2,
      median: 2,
      p95: 3,
      max: 3,
      stddev: 1,
    });
  });

  it('distributionOf has no deviation for one value', () => {
    expect(distributionOf([7.5])).toEqual({ count: 1, min: 7.5, avg: 7.5, median: 7.5, p95: 7.5, max: 7.5 });
  });

  it('distributionOf is undefined when nothing was measured', () => {
    expect(distributionOf([])).toBeUndefined();
    expect(distributionOf([null, null])).toBeUndefined();
  });

  it('distributionOf keeps its digits far from zero', () => {
    // 1e9 + 4, 7, 13, 16: mean 1e9 + 10; squares 36 + 9 + 9 + 36 = 90; 90 / 3 = 30.
    const described = distributionOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect(described?.avg).toBe(1e9 + 10);
    expect(described?.stddev).toBeCloseTo(Math.sqrt(30), 12);
  });

  it('distributionOf returns equal values exactly', () => {
    expect(distributionOf([0.1, 0.1, 0.1])).toMatchObject({ avg: 0.1, median: 0.1, stddev: 0 });
  });

  it('distributionOf keeps min <= median <= p95 <= max and min <= avg <= max', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2 });
    fc.assert(
      fc.property(values, (sample) => {
        const d = distributionOf(sample);
        if (d?.stddev === undefined) throw new Error('expected a distribution');
        const slack = 1e-9 * Math.max(1, Math.abs(d.min), Math.abs(d.max));
        expect(d.median).toBeGreaterThanOrEqual(d.min);
        expect(d.p95).toBeLessThanOrEqual(d.max);
        expect(sample).toContain(d.p95);
        expect(d.avg).toBeGreaterThanOrEqual(d.min - slack);
        expect(d.avg).toBeLessThanOrEqual(d.max + slack);
        expect(d.stddev).toBeLessThanOrEqual(d.max - d.min + slack);
      }),
    );
  });
});

describe('percentileOfSorted', () => {
  it('a percentile is the smallest value that reaches the share', () => {
    // Of -5 -2 4 7 7 18 a share of 3/6 is at or below 4, 5/6 at or below 7.
    const sorted = [-5, -2, 4, 7, 7, 18];
    expect(percentileOfSorted(sorted, 50)).toBe(4);
    expect(percentileOfSorted(sorted, 51)).toBe(7);
    expect(percentileOfSorted(sorted, 83)).toBe(7);
    expect(percentileOfSorted(sorted, 84)).toBe(18);
    expect(percentileOfSorted(sorted, 0)).toBe(-5);
    expect(percentileOfSorted(sorted, 100)).toBe(18);
  });

  it('a percentile is exact where binary fractions are not', () => {
    // 99.9 percent of 1,000 values is rank 999; 95 percent of 20 is rank 19; 55 percent of 100 is rank 55.
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    expect(percentileOfSorted(upTo(1000), 99.9)).toBe(999);
    expect(percentileOfSorted(upTo(20), 95)).toBe(19);
    expect(percentileOfSorted(upTo(100), 55)).toBe(55);
  });

  it('a percentile is undefined for no values, and impossible shares are refused', () => {
    expect(percentileOfSorted([], 50)).toBeUndefined();
    expect(() => percentileOfSorted([1], 101)).toThrow(/pct/);
    expect(() => percentileOfSorted([1], Number.NaN)).toThrow(/pct/);
  });
});
