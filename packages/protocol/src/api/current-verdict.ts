import type { Verdict } from '@netsonde/probes/catalog';

/** Cause and side of a series that is `unknown` since nothing was heard of it. */
export const NOT_HEARD = { cause: 'not_heard', side: 'agent' } as const;

/**
 * Age, ms, from which on a series' newest result no longer says how it is: two intervals, and the longest time that a run
 * takes. `clockOffsetMs`: the agent's clock minus the reader's, since instants are by the agent's clock.
 */
export const notHeardAfter = (intervalMs: number, longestRunMs: number, clockOffsetMs = 0): number =>
  2 * intervalMs + longestRunMs - clockOffsetMs;

/** Whether a series with this newest instant (epoch ms) has been heard of recently enough. */
export const isHeard = (newestMs: number, notHeardAfterMs: number, nowMs: number): boolean =>
  nowMs - newestMs <= notHeardAfterMs;

/** How a series is now: the verdict of its newest result while that is recent, `unknown` afterwards. */
export function currentVerdict(
  newest: { readonly atMs: number; readonly verdict: Verdict },
  notHeardAfterMs: number,
  nowMs: number,
): Verdict {
  return isHeard(newest.atMs, notHeardAfterMs, nowMs) ? newest.verdict : 'unknown';
}
