import type { Verdict } from '@netsonde/probes/catalog';

/** Cause and side of a series that is `unknown` since nothing was heard of it. */
export const NOT_HEARD = { cause: 'not_heard', side: 'agent' } as const;

/** Cause and side of a series that is `unknown` since its newest result is dated later than the present. */
export const DATED_AHEAD = { cause: 'dated_ahead', side: 'agent' } as const;

/** A result dated this much later than the present was dated by a wrong clock, ms. Less may be an error of measured offsets. */
export const MOST_AHEAD_MS = 60_000;

/**
 * Whether an instant (epoch ms) is too far in the future to be true. Such a result says nothing of how its series is now.
 * `nowMs`: by the clock that dated it.
 */
export const isDatedAhead = (atMs: number, nowMs: number): boolean => atMs - nowMs > MOST_AHEAD_MS;

/**
 * Age, ms, from which on a series' newest result no longer says how it is: two intervals, and the longest time that a run
 * takes. `clockOffsetMs`: the agent's clock minus the reader's, since instants are by the agent's clock.
 */
export const notHeardAfter = (intervalMs: number, longestRunMs: number, clockOffsetMs = 0): number =>
  2 * intervalMs + longestRunMs - clockOffsetMs;

/** Whether a series with this newest instant (epoch ms) has been heard of recently enough. */
export const isHeard = (newestMs: number, notHeardAfterMs: number, nowMs: number): boolean =>
  nowMs - newestMs <= notHeardAfterMs;

/** How a series is now: the verdict of its newest result while that is recent, `unknown` before and afterwards. */
export function currentVerdict(
  newest: { readonly atMs: number; readonly verdict: Verdict },
  notHeardAfterMs: number,
  nowMs: number,
): Verdict {
  const { atMs, verdict } = newest;
  return isHeard(atMs, notHeardAfterMs, nowMs) && !isDatedAhead(atMs, nowMs) ? verdict : 'unknown';
}
