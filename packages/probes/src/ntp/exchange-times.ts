import { LARGEST_FIGURE } from '../contract/figure-range.ts';
import type { ExchangeTimes } from './observation.ts';

/** What two clocks can drift apart in the time of an exchange: each is corrected by at most 500 ppm. */
const DRIFT = 1000e-6;

/** T1 to T4 of one exchange, ns; T1 and T4 by this host's clock, T2 and T3 by the server's. */
export type FourTimes = readonly [number, number, number, number];

/**
 * Offset, delay and the bound of the offset. The server read its clock after T1 and before T4, so that the true offset is at
 * most T2 - T1 and at least T3 - T4; its readings are cut off to its precision, and the clocks drift apart meanwhile.
 * A precision beyond any clock's (the field allows 2^127 s) bounds nothing.
 */
export function exchangeTimes([t1, t2, t3, t4]: FourTimes, precisionMs: number): ExchangeTimes {
  const delayMs = (t4 - t1 - (t3 - t2)) / 1e6;
  const boundMs =
    delayMs < 0 || precisionMs > LARGEST_FIGURE / 2 ? null : delayMs / 2 + precisionMs + (DRIFT * (t4 - t1)) / 1e6;
  return { offsetMs: (t2 - t1 + (t3 - t4)) / 2 / 1e6, delayMs, boundMs };
}
