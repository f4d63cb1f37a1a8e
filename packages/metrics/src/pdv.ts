import { type Delays, measuredOf } from './delays.ts';
import { percentileOfSorted } from './distribution.ts';

/**
 * Delay of each received packet above the smallest delay of the set, in the unit of the delays, each 0 or more, in the
 * order given; lost packets have no value and are left out. Empty when nothing was received. One-way delays need no
 * common clock for this, only clocks that do not drift apart during the set.
 *
 * Source: RFC 5481 (PDV(i) = D(i) - D(min)).
 */
export function packetDelayVariation(delays: Delays): Float64Array {
  const received = measuredOf(delays);
  let min = Number.POSITIVE_INFINITY;
  for (const delay of received) min = Math.min(min, delay);
  return received.map((delay) => delay - min);
}

/**
 * Percentile (nearest rank) of `packetDelayVariation`, in the unit of the delays; undefined when nothing was received.
 * @param pct 0 to 100.
 */
export function pdvPercentile(delays: Delays, pct: number): number | undefined {
  return percentileOfSorted(packetDelayVariation(delays).sort(), pct);
}
