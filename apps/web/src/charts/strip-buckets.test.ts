import type { Verdict } from '@netsonde/probes/catalog';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { longestStep } from './gaps.ts';
import { type VerdictHistory, type VerdictSlots, verdictStretches } from './strip-buckets.ts';

/** Results at these instants, due every `intervalMs`; each holds until the next is due, as if its window were over. */
function history(at: readonly number[], verdict: readonly Verdict[], intervalMs = 10): VerdictHistory {
  return { at, verdict, stepMs: intervalMs, holdMs: intervalMs };
}

const upAt = (at: readonly number[], intervalMs: number): VerdictHistory =>
  history(
    at,
    at.map(() => 'up'),
    intervalMs,
  );

const SECOND = 1000;
const SLOTS = 90;
const words = (stretches: readonly VerdictSlots[]) =>
  stretches.map(({ verdict, from, slots }) => [verdict, from, slots]);

it('a part of the window shows the worst verdict of its results, and equal neighbours are joined', () => {
  const dated = history([0, 10, 20, 30, 90], ['up', 'up', 'degraded', 'down', 'unknown']);
  expect(words(verdictStretches(dated, 0, 100, 10))).toEqual([
    ['up', 0, 2],
    ['degraded', 2, 1],
    ['down', 3, 1],
    ['unknown', 9, 1],
  ]);
  expect(verdictStretches(dated, 0, 100, 1)).toEqual([{ verdict: 'down', from: 0, slots: 1 }]);
});

it('parts without results are unknown once the series is not heard', () => {
  const dated = history([0, 10, 60], ['up', 'up', 'down']);
  expect(words(verdictStretches(dated, 0, 100, 10, 35))).toEqual([
    ['up', 0, 2],
    ['unknown', 3, 3],
    ['down', 6, 1],
    ['unknown', 7, 3],
  ]);
});

it.each([
  [5 * SECOND, 300 * SECOND],
  [60 * SECOND, 300 * SECOND],
  [300 * SECOND, 300 * SECOND],
  [300 * SECOND, 900 * SECOND],
  [300 * SECOND, 24 * 3600 * SECOND],
])('healthy results every %i ms fill a window of %i ms without a gap', (intervalMs, windowMs) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: intervalMs - 1 }), (phase) => {
      const results = Math.ceil(windowMs / intervalMs) + 1;
      const at = Array.from({ length: results }, (_, run) => (run - 1) * intervalMs + phase).filter(
        (ms) => ms <= windowMs,
      );
      const heard = { ...upAt(at, intervalMs), newestHoldsUntilMs: windowMs };
      expect(words(verdictStretches(heard, 0, windowMs, SLOTS))).toEqual([['up', 0, SLOTS]]);
    }),
  );
});

it('a result holds until the next, whose verdict begins in its own part', () => {
  const dated = { ...history([0, 50], ['up', 'down'], 50), newestHoldsUntilMs: 100 };
  expect(words(verdictStretches(dated, 0, 100, 10))).toEqual([
    ['up', 0, 5],
    ['down', 5, 5],
  ]);
});

it('a result before the window holds into it', () => {
  expect(words(verdictStretches(history([-20, 30], ['down', 'up'], 50), 0, 100, 10))).toEqual([
    ['down', 0, 3],
    ['up', 3, 5],
  ]);
});

it('where a run is missing, a result holds until that run was due', () => {
  // Due at 0, 20, 40, 60, 80: that at 40 is missing.
  expect(words(verdictStretches(upAt([0, 20, 60, 80], 20), 0, 100, 10))).toEqual([
    ['up', 0, 4],
    ['up', 6, 4],
  ]);
});

it('a part that a result does not hold through is left out', () => {
  expect(words(verdictStretches(upAt([0, 100], 25), 0, 100, 10))).toEqual([['up', 0, 2]]);
});

it('the newest result holds until the series is not heard, and unknown follows without a gap', () => {
  const dated = { ...upAt([0, 20], 20), newestHoldsUntilMs: 65 };
  expect(words(verdictStretches(dated, 0, 100, 10, 65))).toEqual([
    ['up', 0, 6],
    ['unknown', 6, 4],
  ]);
});

it('a bucket holds to its end, and to the next where runs are rarer than buckets', () => {
  const buckets = (at: readonly number[], intervalMs: number, bucketMs: number): VerdictHistory => ({
    ...upAt(at, longestStep(intervalMs, bucketMs)),
    holdMs: Math.max(intervalMs, bucketMs),
  });
  expect(words(verdictStretches(buckets([0, 20, 60], 5, 20), 0, 100, 10))).toEqual([
    ['up', 0, 4],
    ['up', 6, 2],
  ]);
  expect(words(verdictStretches(buckets([0, 20, 60, 80], 30, 20), 0, 100, 10))).toEqual([['up', 0, 10]]);
});
