/** One reading of another host's clock, which happened between two instants of this host. Times in ms. */
export interface ClockExchange {
  /** This host's wall clock at the first instant, as read. */
  readonly beforeMs: number;
  /** Time from the first instant to the second, by a monotonic clock, not rounded. */
  readonly roundTripMs: number;
  /** The other host's wall clock, as read somewhere in between. */
  readonly otherMs: number;
}

/** An interval that holds how far one clock is ahead of another, ms; negative: behind. */
export interface OffsetInterval {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Both ends read their wall clocks in whole ms, cut off: the true time is up to this much later. */
const RESOLUTION_MS = 1;

/**
 * The most that an operating system runs a clock fast or slow to correct it (Linux: 500 ppm, `adjtimex(2)`). A crystal alone
 * stays within some 100 ppm. A bound from that would be narrower, and would not hold the truth while a clock is being
 * corrected, which is when the offset matters. Software that slews faster, by the length of the tick, can leave the bound
 * until the next exchange.
 */
const SLEW = 500e-6;

/** Two clocks drift apart by at most this share of the time that passes. */
const DRIFT = 2 * SLEW;

/**
 * How far this host's clock is ahead of the other's at the second instant, from one exchange. Whatever the delays of the
 * two directions were, the true offset is inside, as long as neither clock was set meanwhile.
 */
export function offsetOf({ beforeMs, roundTripMs, otherMs }: ClockExchange): OffsetInterval {
  const drift = DRIFT * roundTripMs;
  return {
    leastMs: beforeMs - otherMs - RESOLUTION_MS - drift,
    mostMs: beforeMs + RESOLUTION_MS + roundTripMs - otherMs + drift,
  };
}

/** The middle of an interval, and how far the truth can be from it. */
export interface BoundedOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** An interval as a figure with its bound. */
export const boundedOffset = ({ leastMs, mostMs }: OffsetInterval): BoundedOffset => ({
  offsetMs: (leastMs + mostMs) / 2,
  errorMs: (mostMs - leastMs) / 2,
});

/** This host's clocks at one instant, ms. */
export interface LocalTime {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** A bound of an offset that was measured `ageMs` ago, ms: the clocks can have drifted apart since. */
export const agedErrorMs = (errorMs: number, ageMs: number): number => errorMs + DRIFT * Math.max(0, ageMs);

/**
 * What the exchanges of a session say together. A former interval holds on, widened by what two clocks can drift apart
 * meanwhile (1 ms a second). It is dropped when this host's clock was set, or when a new interval contradicts it
 * because the other's was.
 */
export class OffsetTracker {
  #known: { readonly interval: OffsetInterval; readonly at: LocalTime } | null = null;

  /** Adds what one exchange said, as of `now`, the time of its second instant. */
  add(interval: OffsetInterval, now: LocalTime): void {
    const former = this.interval(now);
    const leastMs = Math.max(interval.leastMs, former?.leastMs ?? Number.NEGATIVE_INFINITY);
    const mostMs = Math.min(interval.mostMs, former?.mostMs ?? Number.POSITIVE_INFINITY);
    this.#known = { interval: leastMs <= mostMs ? { leastMs, mostMs } : interval, at: now };
  }

  /** The interval that holds the offset now; null before the first exchange and after this host's clock was set. */
  interval(now: LocalTime): OffsetInterval | null {
    if (this.#known === null) return null;
    const { interval, at } = this.#known;
    const ageMs = Math.max(0, now.monotonicMs - at.monotonicMs);
    const stepMs = Math.abs(now.wallMs - at.wallMs - (now.monotonicMs - at.monotonicMs));
    if (stepMs > 2 * RESOLUTION_MS + SLEW * ageMs) return null;
    return { leastMs: interval.leastMs - DRIFT * ageMs, mostMs: interval.mostMs + DRIFT * ageMs };
  }
}
