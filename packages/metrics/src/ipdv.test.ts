import { describe, expect, it } from 'vitest';
import { consecutiveIpdv, meanAbsoluteIpdv } from './ipdv.ts';

describe('ipdv of consecutive packets', () => {
  it('IPDV is the later delay minus the earlier', () => {
    expect(consecutiveIpdv([10, 14, 11])).toEqual([4, -3]);
    // (4 + 3) / 2
    expect(meanAbsoluteIpdv([10, 14, 11])).toBe(3.5);
  });

  it('IPDV has no pair across a lost packet', () => {
    // Pairs (10, 12) and (50, 51): (2 + 1) / 2.
    expect(consecutiveIpdv([10, 12, null, 50, 51])).toEqual([2, 1]);
    expect(meanAbsoluteIpdv([10, 12, null, 50, 51])).toBe(1.5);
  });

  it('IPDV is absent without a pair', () => {
    for (const delays of [[], [1], [null, null], [1, null, 2, null, 3]]) {
      expect(consecutiveIpdv(delays)).toEqual([]);
      expect(meanAbsoluteIpdv(delays)).toBeUndefined();
    }
  });
});
