import { describe, expect, it } from 'vitest';
import { burstRatio, lossPct } from './loss.ts';

describe('lossPct', () => {
  it.each([
    [10, 10, 0],
    [10, 0, 100],
    [1, 0, 100],
    [3, 2, 100 / 3],
    [1000, 999, 0.1],
  ])('%i sent, %i received: %f', (sent, received, loss) => {
    expect(lossPct(sent, received)).toBeCloseTo(loss, 12);
  });

  it('loss is absent when nothing was sent', () => {
    expect(lossPct(0, 0)).toBeUndefined();
  });

  it('loss refuses impossible counts', () => {
    expect(() => lossPct(2, 3)).toThrow(/duplicates/);
    expect(() => lossPct(-1, 0)).toThrow(/sent/);
    expect(() => lossPct(2, 0.5)).toThrow(/received/);
    expect(() => lossPct(Number.NaN, 0)).toThrow(/sent/);
  });
});

describe('burstRatio', () => {
  it('the burst ratio is the mean burst over 1 / (1 - loss)', () => {
    // 4 of 8 lost in 2 bursts of 2: mean 2; random loss of one half gives 1 / (1 - 0.5) = 2; ratio 1.
    expect(burstRatio([1, null, null, 1, null, null, 1, 1])).toBe(1);
    // 4 of 8 lost in one burst: 4 / 2 = 2.
    expect(burstRatio([1, 1, null, null, null, null, 1, 1])).toBe(2);
    // 2 of 4 lost alone: 1 / 2.
    expect(burstRatio(Float64Array.of(1, Number.NaN, 1, Number.NaN))).toBe(0.5);
  });

  it('the burst ratio is absent without loss, without arrivals and without packets', () => {
    expect(burstRatio([1, 2])).toBeUndefined();
    expect(burstRatio([null, null])).toBeUndefined();
    expect(burstRatio([])).toBeUndefined();
  });
});
