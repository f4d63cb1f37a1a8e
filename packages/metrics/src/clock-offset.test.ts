import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedOffset, type LocalTime, OffsetTracker, offsetOf } from './clock-offset.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));

/** A host whose clock is ahead of the true time by `aheadMs` and runs fast by `drift`; it is read in whole ms. */
interface Host {
  readonly aheadMs: number;
  readonly drift: number;
}
const exactly = ({ aheadMs, drift }: Host, trueMs: number): number => trueMs * (1 + drift) + aheadMs;
const read = (host: Host, trueMs: number): number => Math.floor(exactly(host, trueMs));
/** A monotonic clock is slewed as its wall clock is, and never set. */
const localTime = (host: Host, trueMs: number): LocalTime => ({
  wallMs: read(host, trueMs),
  monotonicMs: trueMs * (1 + host.drift),
});

const hosts = fc.record({
  aheadMs: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
  drift: fc.double({ min: -500e-6, max: 500e-6, noNaN: true }),
});
const delay = fc.oneof(
  fc.double({ min: 0, max: 0.4, noNaN: true }),
  fc.double({ min: 0, max: 400, noNaN: true }),
  fc.double({ min: 0, max: 9000, noNaN: true }),
);
const exchanges = fc.array(
  fc.record({ waitMs: fc.double({ min: 0, max: 60_000, noNaN: true }), there: delay, back: delay }),
  { minLength: 1, maxLength: 20 },
);

describe(`the bound of a clock offset (seed ${SEED})`, () => {
  test('the bound contains the true offset after each exchange and until the next, with any delays and drift', () => {
    fc.assert(
      fc.property(hosts, hosts, exchanges, (here, there, plan) => {
        const tracker = new OffsetTracker();
        let nowMs = 1_000_000;
        for (const { waitMs, there: out, back } of plan) {
          const later = boundOf(tracker, here, nowMs + waitMs);
          if (later !== null) expectInside(later, here, there, nowMs + waitMs);
          nowMs += waitMs;
          const before = localTime(here, nowMs);
          const otherMs = read(there, nowMs + out);
          nowMs += out + back;
          const after = localTime(here, nowMs);
          const roundTripMs = after.monotonicMs - before.monotonicMs;
          const interval = offsetOf({ beforeMs: before.wallMs, roundTripMs, otherMs });
          expectInside(boundedOffset(interval), here, there, nowMs);
          tracker.add(interval, after);
          const known = boundOf(tracker, here, nowMs);
          expect(known).not.toBeNull();
          if (known !== null) expectInside(known, here, there, nowMs);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('the bound is no wider than the round trip and both resolutions', () => {
    const { errorMs } = boundedOffset(offsetOf({ beforeMs: 5, roundTripMs: 10, otherMs: 7 }));
    expect(errorMs).toBeGreaterThanOrEqual(6);
    expect(errorMs).toBeLessThan(6.02);
  });

  test('the bound of a short exchange stays in use, a little wider each second, when a long one follows', () => {
    const tracker = new OffsetTracker();
    tracker.add({ leastMs: -1, mostMs: 2 }, { wallMs: 0, monotonicMs: 0 });
    tracker.add({ leastMs: -500, mostMs: 400 }, { wallMs: 10_000, monotonicMs: 10_000 });
    expect(tracker.interval({ wallMs: 10_000, monotonicMs: 10_000 })).toEqual({ leastMs: -11, mostMs: 12 });
  });

  test('the bound is dropped when the own clock is set, and replaced when the other clock was', () => {
    const tracker = new OffsetTracker();
    tracker.add({ leastMs: -1, mostMs: 2 }, { wallMs: 0, monotonicMs: 0 });
    expect(tracker.interval({ wallMs: 60_000, monotonicMs: 1000 })).toBeNull();
    tracker.add({ leastMs: 99, mostMs: 101 }, { wallMs: 1000, monotonicMs: 1000 });
    expect(tracker.interval({ wallMs: 1000, monotonicMs: 1000 })).toEqual({ leastMs: 99, mostMs: 101 });
  });
});

function boundOf(tracker: OffsetTracker, here: Host, trueMs: number) {
  const interval = tracker.interval(localTime(here, trueMs));
  return interval === null ? null : boundedOffset(interval);
}

/** Rounding of doubles at epoch size. */
const NOISE_MS = 1e-6;

function expectInside(bound: { offsetMs: number; errorMs: number }, here: Host, there: Host, trueMs: number): void {
  const truth = exactly(here, trueMs) - exactly(there, trueMs);
  expect(Math.abs(truth - bound.offsetMs)).toBeLessThanOrEqual(bound.errorMs + NOISE_MS);
}
