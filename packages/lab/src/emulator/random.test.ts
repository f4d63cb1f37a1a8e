import { expect, test } from 'vitest';
import { mixWords, PURPOSE, seedFrom, uniform } from './random.ts';

test('the mixing is MurmurHash3 x86_32, by published vectors', () => {
  // SMHasher's reference: the empty input under seeds 0, 1 and 0xffffffff; four zero bytes and "!Ce\x87" (0x87654321) under seed 0.
  expect(mixWords(0)).toBe(0);
  expect(mixWords(1)).toBe(0x514e28b7);
  expect(mixWords(0xffffffff)).toBe(0x81f16f39);
  expect(mixWords(0, 0)).toBe(0x2362f9de);
  expect(mixWords(0, 0x87654321)).toBe(0xf55b516b);
});

test('draws are uniform, by mean, variance and a low bucket', () => {
  const draws = Array.from({ length: 20_000 }, (_, packet) => uniform(seedFrom(5), 77, packet, PURPOSE.loss));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  // Standard errors at n = 20,000: 0.002 for the mean, 0.0005 for the variance, 0.0021 for a 10 % share. Five of each.
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.0102);
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0027);
  expect(Math.abs(draws.filter((draw) => draw < 0.1).length / draws.length - 0.1)).toBeLessThan(0.0107);
});

test('purposes are independent streams', () => {
  const same = Array.from({ length: 1000 }, (_, packet) =>
    Number(uniform(1, 2, packet, PURPOSE.loss) < 0.5 === uniform(1, 2, packet, PURPOSE.duplicate) < 0.5),
  ).reduce((sum, equal) => sum + equal, 0);
  expect(same).toBeGreaterThan(420);
  expect(same).toBeLessThan(580);
});

test('texts and numbers make different seeds', () => {
  expect(new Set([seedFrom(1), seedFrom(2), seedFrom('1'), seedFrom('a'), seedFrom(-1)]).size).toBe(5);
});
