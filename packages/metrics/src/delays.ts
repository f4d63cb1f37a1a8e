/**
 * Delays of packets in a stated order, in any one unit of time. A place that is `null` or not finite is a packet
 * without a delay: lost, or without both of its timestamps. A `Float64Array` with NaN for lost packets fits too.
 */
export type Delays = ArrayLike<number | null>;

/** True when the place holds a measured delay; null, NaN and infinities are no measurement. */
export function isMeasured(delay: number | null | undefined): delay is number {
  return typeof delay === 'number' && Number.isFinite(delay);
}

/** The measured delays alone, in their order; empty when nothing was measured. */
export function measuredOf(delays: Delays): Float64Array {
  const measured = new Float64Array(delays.length);
  let count = 0;
  for (let i = 0; i < delays.length; i++) {
    const delay = delays[i];
    if (isMeasured(delay)) measured[count++] = delay;
  }
  return measured.subarray(0, count);
}
