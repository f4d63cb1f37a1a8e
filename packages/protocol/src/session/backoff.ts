const BASE_MS = 1000;
const CAP_MS = 30_000;

/**
 * How long to wait before the next attempt, ms: anything from 0 to a bound that doubles with each failure up to half a
 * minute, so that a thousand of them do not come at once.
 * @param failures attempts that have failed in a row, 1 or more
 * @param capMs the longest wait
 */
export function backoffMs(failures: number, random: () => number, capMs = CAP_MS): number {
  return random() * Math.min(capMs, BASE_MS * 2 ** Math.min(failures, 10));
}
