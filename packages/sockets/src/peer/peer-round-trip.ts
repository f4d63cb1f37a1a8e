import type { RoundTrip } from '../udp/round-trip.ts';
import type { Arrival, Departure } from './types.ts';

/**
 * The time from a departure to the arrival of its answer: between the two kernel stamps, or, where one is missing or
 * the wall clock was set meanwhile, by the monotonic clock of the process, which includes its waiting time for the
 * processor.
 */
export function peerRoundTrip(sent: Departure, received: Arrival): RoundTrip {
  const byKernel = received.stampNs - sent.stampNs;
  if (sent.epoch === received.epoch && byKernel >= 0) return { rttNs: byKernel, stamp: 'kernel' };
  return { rttNs: received.monoNs - sent.monoNs, stamp: 'process' };
}
