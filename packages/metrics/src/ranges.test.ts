import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Range, RangeSet } from './ranges.ts';

const range = fc
  .tuple(fc.integer({ min: -60, max: 60 }), fc.nat(12))
  .map(([from, length]): Range => [from, from + length]);
const ranges = fc.array(range, { maxLength: 30 });
const WINDOW: Range = [-80, 80];

function numbersOf(given: Iterable<Range>): Set<number> {
  const numbers = new Set<number>();
  for (const [from, to] of given) for (let n = from; n <= to; n++) numbers.add(n);
  return numbers;
}

describe('RangeSet', () => {
  it('RangeSet keeps ranges merged', () => {
    const set = new RangeSet();
    expect(set.add(1)).toBe(1);
    expect(set.add(3, 5)).toBe(3);
    expect(set.toJSON()).toEqual([
      [1, 1],
      [3, 5],
    ]);
    expect(set.add(2)).toBe(1);
    expect(set.toJSON()).toEqual([[1, 5]]);
    expect(set.add(4, 8)).toBe(3);
    expect(set.add(2, 6)).toBe(0);
    expect([set.count, set.size, set.first, set.last]).toEqual([8, 1, 1, 8]);
  });

  it('RangeSet returns the missing ranges', () => {
    const set = new RangeSet([
      [3, 4],
      [8, 9],
    ]);
    expect(set.missing(1, 10)).toEqual([
      [1, 2],
      [5, 7],
      [10, 10],
    ]);
    expect(set.missing(3, 4)).toEqual([]);
    expect(set.missing(4, 5)).toEqual([[5, 5]]);
    expect(new RangeSet().missing(1, 2)).toEqual([[1, 2]]);
  });

  it('RangeSet is empty at first', () => {
    const set = new RangeSet();
    expect([set.count, set.size, set.first, set.last, set.toJSON()]).toEqual([0, 0, undefined, undefined, []]);
    expect(set.has(0)).toBe(false);
    expect(set.hasAll(0, 0)).toBe(false);
  });

  it('RangeSet removes exactly the numbers below a value', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: -80, max: 80 }), (given, value) => {
        const set = new RangeSet(given);
        set.removeBefore(value);
        const left = new RangeSet([...numbersOf(given)].filter((n) => n >= value).map((n): Range => [n, n]));
        expect([set.toJSON(), set.count]).toEqual([left.toJSON(), left.count]);
      }),
    );
  });

  it('RangeSet refuses an invalid range', () => {
    for (const [from, to] of [
      [2, 1],
      [0.5, 1],
      [0, 2 ** 53],
      [Number.NaN, 1],
    ] as Range[]) {
      expect(() => new RangeSet().add(from, to)).toThrow(/range/);
    }
  });

  it('RangeSet agrees with a set of numbers, added in any order', () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const set = new RangeSet();
        const truth = new Set<number>();
        for (const [from, to] of given) {
          const before = truth.size;
          for (const n of numbersOf([[from, to]])) truth.add(n);
          expect(set.add(from, to)).toBe(truth.size - before);
        }
        expect(set.count).toBe(truth.size);
        expect(numbersOf(set)).toEqual(truth);
        for (let n = WINDOW[0]; n <= WINDOW[1]; n++) expect(set.has(n)).toBe(truth.has(n));
        const pairs = set.toJSON();
        for (const [i, [from]] of pairs.entries()) expect(from).toBeGreaterThan((pairs[i - 1]?.[1] ?? -99) + 1);
        expect(new RangeSet(pairs).toJSON()).toEqual(pairs);
      }),
    );
  });

  it('RangeSet misses exactly the absent numbers, and has all others', () => {
    fc.assert(
      fc.property(ranges, range, (given, [from, to]) => {
        const set = new RangeSet(given);
        const truth = numbersOf(given);
        const absent = [...numbersOf([[from, to]])].filter((n) => !truth.has(n));
        expect([...numbersOf(set.missing(from, to))]).toEqual(absent);
        expect(set.hasAll(from, to)).toBe(absent.length === 0);
      }),
    );
  });

  it('RangeSet intersects like sets', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const both = new RangeSet(a).intersect(new RangeSet(b));
        const inB = numbersOf(b);
        expect(numbersOf(both)).toEqual(new Set([...numbersOf(a)].filter((n) => inB.has(n))));
        expect(both.count).toBe(numbersOf(both).size);
      }),
    );
  });
});
