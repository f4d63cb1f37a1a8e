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
 * The most that software slews a clock: Linux lets the tick be 10 % longer or shorter, and the frequency 500 ppm beside
 * that. chrony slews by up to 8.3 % by default. The monotonic clock is slewed alike, so a host sees neither its own slew
 * nor the other's, and a bound must allow for both.
 * Source: adjtimex(2), errors (EINVAL for `tick`) and `freq`; chrony.conf(5), maxslewrate
 */
const SLEW = 0.1005;

/** By how much of the time that one clock shows another one can show more, if the two are slewed against each other. */
const DRIFT = (1 + SLEW) / (1 - SLEW) - 1;

/** The share by which a wall clock and a monotonic clock of one host differ at most, unless the wall clock was set. */
const APART = 500e-6;

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

/**
 * What the exchanges of a session say together. A former interval narrows a new one only where they follow each other
 * closely, since it is widened by all that two clocks can be slewed meanwhile. It is dropped when this host's clock was
 * set, or when a new interval contradicts it because the other's was. What is known holds at the last exchange: how far
 * the clocks have moved since is not known, so callers state when that was.
 */
export class OffsetTracker {
  #known: { readonly interval: OffsetInterval; readonly at: LocalTime } | null = null;

  /**
   * Adds what one exchange said, as of `now`, the time of its second instant.
   * @returns the interval that holds the offset then
   */
  add(interval: OffsetInterval, now: LocalTime): OffsetInterval {
    const former = this.#formerAt(now);
    const leastMs = Math.max(interval.leastMs, former?.leastMs ?? Number.NEGATIVE_INFINITY);
    const mostMs = Math.min(interval.mostMs, former?.mostMs ?? Number.POSITIVE_INFINITY);
    const known = leastMs <= mostMs ? { leastMs, mostMs } : interval;
    this.#known = { interval: known, at: now };
    return known;
  }

  /** null before the first exchange and after this host's clock was set. */
  #formerAt(now: LocalTime): OffsetInterval | null {
    if (this.#known === null) return null;
    const { interval, at } = this.#known;
    const ageMs = Math.max(0, now.monotonicMs - at.monotonicMs);
    const stepMs = Math.abs(now.wallMs - at.wallMs - (now.monotonicMs - at.monotonicMs));
    if (stepMs > 2 * RESOLUTION_MS + APART * ageMs) return null;
    return { leastMs: interval.leastMs - DRIFT * ageMs, mostMs: interval.mostMs + DRIFT * ageMs };
  }
}
