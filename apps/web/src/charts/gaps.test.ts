import { expect, it } from 'vitest';
import { GAP_STEPS, lonelyIn, longestStep } from './gaps.ts';

/** Starts of the buckets that contain runs every `intervalMs` from `phaseMs` on, without the runs in [from, to). */
function bucketsOf(intervalMs: number, bucketMs: number, phaseMs: number, [from, to] = [0, 0]): number[] {
  const runs = Array.from({ length: 200 }, (_, place) => phaseMs + place * intervalMs);
  const made = runs.filter((at) => at < from || at >= to);
  return [...new Set(made.map((at) => Math.floor(at / bucketMs) * bucketMs))];
}

const pauses = (at: readonly number[]): number[] => at.slice(1).map((instant, place) => instant - (at[place] ?? 0));

it.each([
  [1000, 1000],
  [1000, 1500],
  [1000, 7000],
  [1000, 300],
  [1000, 700],
  [1000, 999],
])('runs every %i ms in buckets of %i ms have no gap, and an outage of five has one', (intervalMs, bucketMs) => {
  const longestPause = GAP_STEPS * longestStep(intervalMs, bucketMs);
  for (const phaseMs of [0, 1, 499, 998])
    expect(Math.max(...pauses(bucketsOf(intervalMs, bucketMs, phaseMs)))).toBeLessThanOrEqual(longestPause);
  const steps = 5 * Math.max(1, Math.ceil(bucketMs / intervalMs));
  const cut = bucketsOf(intervalMs, bucketMs, 0, [50_000, 50_000 + steps * intervalMs]);
  expect(pauses(cut).filter((pause) => pause > longestPause)).toHaveLength(1);
});

it('values between two gaps or ends are marked, and points of other lines are skipped', () => {
  expect(lonelyIn([1, undefined, null, 2, null, 3, undefined, 4, null, undefined, 5])).toEqual([0, 3, 10]);
  expect(lonelyIn([1, 2])).toEqual([]);
  expect(lonelyIn([])).toEqual([]);
});
