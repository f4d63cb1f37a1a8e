import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOrder } from './reordering.ts';

describe('countOrder', () => {
  it.each<[string, number[], number, number, number]>([
    ['nothing', [], 0, 0, 0],
    ['one packet', [9], 1, 0, 0],
    ['in order', [1, 2, 3], 3, 0, 0],
    ['a gap is loss, not reordering', [1, 2, 5, 6], 4, 0, 0],
    ['one late by two', [1, 3, 4, 2, 5], 5, 1, 0],
    ['a whole block late', [1, 4, 5, 6, 2, 3, 7], 7, 2, 0],
    ['reversed', [4, 3, 2, 1], 4, 3, 0],
    ['a copy is not reordered', [1, 2, 2, 3, 1], 3, 0, 2],
    ['a copy of a reordered packet counts once', [2, 1, 1, 1, 3], 3, 1, 2],
    ['in order over the wrap', [65_534, 65_535, 0, 1], 4, 0, 0],
    ['late over the wrap', [65_534, 0, 65_535, 1], 4, 1, 0],
    ['copy over the wrap', [65_535, 0, 65_535], 2, 0, 1],
    ['before the first', [0, 65_535], 2, 1, 0],
  ])('%s', (_, arrivals, received, reordered, duplicates) => {
    expect(countOrder(arrivals)).toEqual({ received, reordered, duplicates });
  });

  it('countOrder wraps at another modulus', () => {
    expect(countOrder([2 ** 32 - 1, 1, 0], 2 ** 32)).toEqual({ received: 3, reordered: 1, duplicates: 0 });
  });

  it('countOrder refuses numbers outside the modulus', () => {
    for (const bad of [-1, 65_536, 0.5, Number.NaN]) expect(() => countOrder([bad])).toThrow(/sequence/);
  });

  it('countOrder counts packets below the running maximum, from any first number', () => {
    const arrivals = fc.array(fc.nat(200), { maxLength: 100 });
    fc.assert(
      fc.property(arrivals, fc.nat(65_535), (offsets, start) => {
        const firsts = offsets.filter((offset, i) => offsets.indexOf(offset) === i);
        const late = firsts.filter((offset, i) => firsts.slice(0, i).some((earlier) => earlier > offset));
        expect(countOrder(offsets.map((offset) => (start + offset) % 65_536))).toEqual({
          received: firsts.length,
          reordered: late.length,
          duplicates: offsets.length - firsts.length,
        });
      }),
    );
  });
});
