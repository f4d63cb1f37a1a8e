import { expect, it } from 'vitest';
import { currentVerdict, isHeard, notHeardAfter } from './current-verdict.ts';

const NOW = 1_800_000_000_000;
const limit = notHeardAfter(10_000, 5000);

it('keeps the newest verdict for two intervals and the longest run, and then says unknown', () => {
  for (const verdict of ['up', 'degraded', 'down', 'unknown'] as const) {
    expect(currentVerdict({ atMs: NOW - 25_000, verdict }, limit, NOW)).toBe(verdict);
    expect(currentVerdict({ atMs: NOW - 25_001, verdict }, limit, NOW)).toBe('unknown');
  }
});

it('judges an agent whose clock is off by its own clock', () => {
  const behind = notHeardAfter(10_000, 5000, -300_000);
  expect(isHeard(NOW - 310_000, behind, NOW)).toBe(true);
  expect(isHeard(NOW - 326_000, behind, NOW)).toBe(false);
  const ahead = notHeardAfter(10_000, 5000, 300_000);
  expect(isHeard(NOW + 290_000, ahead, NOW)).toBe(true);
  expect(isHeard(NOW + 270_000, ahead, NOW)).toBe(false);
});
