import { type Delays, isMeasured } from './delays.ts';

/**
 * Differences of delay (later minus earlier, signed, in the unit of the delays) of each pair of packets that were sent
 * one after the other and both received. A pair with a lost packet has no value and is left out; packets on both sides
 * of a gap are no pair. Empty when there is no pair.
 * @param delays in SENDING order, lost packets as null.
 *
 * Source: RFC 3393 (ipdv of selected packets, undefined where one of the pair is lost); selection: consecutive packets.
 */
export function consecutiveIpdv(delays: Delays): number[] {
  const differences: number[] = [];
  for (let i = 1; i < delays.length; i++) {
    const earlier = delays[i - 1];
    const later = delays[i];
    if (isMeasured(earlier) && isMeasured(later)) differences.push(later - earlier);
  }
  return differences;
}

/**
 * Mean of the absolute differences of `consecutiveIpdv`, in the unit of the delays, 0 or more; undefined when no two
 * packets sent one after the other were both received. From RTTs it holds the variation of both directions.
 *
 * Source: RFC 3393 section 4.5, Type-P-One-way-ipdv-jitter (absolute values of ipdv), of consecutive packets.
 */
export function meanAbsoluteIpdv(delays: Delays): number | undefined {
  const differences = consecutiveIpdv(delays);
  if (differences.length === 0) return undefined;
  let sum = 0;
  for (const difference of differences) sum += Math.abs(difference);
  return sum / differences.length;
}
