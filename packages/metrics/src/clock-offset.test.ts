import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedOffset, type LocalTime, type OffsetInterval, OffsetTracker, offsetOf } from './clock-offset.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));

/** A host whose clocks run fast by some rate for a while, as software slews them. The wall clock is read in whole ms. */
class Host {
  exactMs: number;
  monotonicMs = 0;

  constructor(aheadMs: number) {
    this.exactMs = 1_700_000_000_000 + aheadMs;
  }

  /** A monotonic clock is slewed as its wall clock is, and never set. */
  pass(trueMs: number, rate: number): void {
    this.exactMs += trueMs * (1 + rate);
    this.monotonicMs += trueMs * (1 + rate);
  }

  get now(): LocalTime {
    return { wallMs: Math.floor(this.exactMs), monotonicMs: this.monotonicMs };
  }
}

const ahead = fc.double({ min: -1e5, max: 1e5, noNaN: true });
/** A steady clock, one that `ntpd` corrects, one that chrony corrects at its default limit, and the kernel's limit. */
const rate = fc.oneof(
  fc.constantFrom(0, 83_333e-6, -83_333e-6, 0.1, -0.1),
  fc.double({ min: -500e-6, max: 500e-6, noNaN: true }),
  fc.double({ min: -0.1, max: 0.1, noNaN: true }),
);
const delay = fc.oneof(
  fc.double({ min: 0, max: 0.4, noNaN: true }),
  fc.double({ min: 0, max: 400, noNaN: true }),
  fc.double({ min: 0, max: 9000, noNaN: true }),
);
const exchanges = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.double({ min: 0, max: 60_000, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true })),
    there: delay,
    back: delay,
    rates: fc.tuple(rate, rate),
  }),
  { minLength: 1, maxLength: 20 },
);

describe(`the bound of a clock offset (seed ${SEED})`, () => {
  test('the bound contains the true offset at each exchange, with any delays and however fast clocks are slewed', () => {
    fc.assert(
      fc.property(ahead, ahead, exchanges, (hereMs, thereMs, plan) => {
        const tracker = new OffsetTracker();
        const [here, there] = [new Host(hereMs), new Host(thereMs)];
        for (const { waitMs, there: out, back, rates } of plan) {
          const pass = (ms: number) => {
            here.pass(ms, rates[0]);
            there.pass(ms, rates[1]);
          };
          pass(waitMs);
          const before = here.now;
          pass(out);
          const otherMs = there.now.wallMs;
          pass(back);
          const after = here.now;
          const roundTripMs = after.monotonicMs - before.monotonicMs;
          const interval = offsetOf({ beforeMs: before.wallMs, roundTripMs, otherMs });
          expectInside(interval, here, there);
          expectInside(tracker.add(interval, after), here, there);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('the bound is no wider than half the round trip, both resolutions and the slew meanwhile', () => {
    const { errorMs } = boundedOffset(offsetOf({ beforeMs: 5, roundTripMs: 10, otherMs: 7 }));
    expect(errorMs).toBeGreaterThanOrEqual(6);
    expect(errorMs).toBeLessThan(8.3);
  });

  test('the bound of a short exchange narrows a long one that follows at once, and not one that follows later', () => {
    const tracker = new OffsetTracker();
    tracker.add({ leastMs: -1, mostMs: 2 }, { wallMs: 0, monotonicMs: 0 });
    const soon = tracker.add({ leastMs: -500, mostMs: 400 }, { wallMs: 10, monotonicMs: 10 });
    expect(soon.leastMs).toBeCloseTo(-3.2, 1);
    expect(soon.mostMs).toBeCloseTo(4.2, 1);
    const later = { leastMs: -500, mostMs: 400 };
    expect(tracker.add(later, { wallMs: 30_010, monotonicMs: 30_010 })).toEqual(later);
  });

  test('a former bound is dropped when the own clock is set, and replaced when the other clock was', () => {
    const tracker = new OffsetTracker();
    tracker.add({ leastMs: -1, mostMs: 2 }, { wallMs: 0, monotonicMs: 0 });
    const own = { leastMs: -70_000, mostMs: 60_000 };
    expect(tracker.add(own, { wallMs: 60_000, monotonicMs: 1 })).toEqual(own);
    const other = { leastMs: 99_000, mostMs: 99_001 };
    expect(tracker.add(other, { wallMs: 60_001, monotonicMs: 2 })).toEqual(other);
  });
});

/** Rounding of doubles at epoch size. */
const NOISE_MS = 1e-3;

function expectInside(interval: OffsetInterval, here: Host, there: Host): void {
  const { offsetMs, errorMs } = boundedOffset(interval);
  const truth = here.exactMs - there.exactMs;
  expect(Math.abs(truth - offsetMs)).toBeLessThanOrEqual(errorMs + NOISE_MS);
}
