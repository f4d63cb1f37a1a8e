import { type Delays, isMeasured } from './delays.ts';

/** One step of the smoothed estimate: the old jitter and the change of transit time, in the same unit. */
export function nextJitter(jitter: number, transitChange: number): number {
  return jitter + (Math.abs(transitChange) - jitter) / 16;
}

/**
 * Smoothed interarrival jitter after the last packet, in the unit of the transit times, 0 or more. The estimate starts
 * at 0 and takes its first step with the second packet received, in floating point as the RFC keeps it; it needs some
 * dozens of packets to come near the true variation, so a short run reports less than that.
 * A lost packet takes no step: the next difference is between the packets received before and after the gap.
 * Undefined when fewer than two packets were received.
 *
 * From round trips, the RTT stands for the transit time: the figure then holds the variation of both directions.
 * @param transits transit time of each packet in order of ARRIVAL (not of sending); lost ones null, wherever they stand.
 *
 * Source: RFC 3550 section 6.4.1 (J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16) and appendix A.8.
 */
export function interarrivalJitter(transits: Delays): number | undefined {
  let previous: number | undefined;
  let jitter: number | undefined;
  for (let i = 0; i < transits.length; i++) {
    const transit = transits[i];
    if (!isMeasured(transit)) continue;
    if (previous !== undefined) jitter = nextJitter(jitter ?? 0, transit - previous);
    previous = transit;
  }
  return jitter;
}
