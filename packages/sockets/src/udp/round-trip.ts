import type { UdpReceived, UdpSent } from './types.ts';

/** A round trip and the clock that timed it. */
export interface RoundTrip {
  readonly rttNs: number;
  readonly stamp: 'kernel' | 'process';
}

/**
 * The time from a send to the receive of its answer: between the two kernel stamps, or, where one is missing or the
 * wall clock was set meanwhile, by the process's monotonic clock, which includes its waiting time for the processor.
 */
export function roundTrip(sent: UdpSent, received: UdpReceived): RoundTrip {
  const byKernel = received.rxNs - sent.txNs;
  const trusted = sent.stamp === 'kernel' && received.stamp === 'kernel' && sent.epoch === received.epoch;
  if (trusted && byKernel >= 0) return { rttNs: byKernel, stamp: 'kernel' };
  return { rttNs: received.monoNs - sent.monoNs, stamp: 'process' };
}
