import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exchangeTimes } from './exchange-times.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));

/** A clock of which the true time is known, and how it is read: cut off to its precision. */
interface ServerClock {
  readonly aheadMs: number;
  readonly drift: number;
  readonly precision: number;
}
const truly = ({ aheadMs, drift }: ServerClock, ms: number): number => ms * (1 + drift) + aheadMs;
const readNs = (clock: ServerClock, ms: number): number => {
  const stepMs = 1000 * 2 ** clock.precision;
  return Math.floor(truly(clock, ms) / stepMs) * stepMs * 1e6;
};

const ms = (max: number) => fc.double({ min: 0, max, noNaN: true });
const clocks = fc.record({
  aheadMs: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
  drift: fc.double({ min: -1000e-6, max: 1000e-6, noNaN: true }),
  precision: fc.integer({ min: -29, max: -6 }),
});

test(`the bound holds the true offset during the whole exchange, on uneven paths (seed ${SEED})`, () => {
  fc.assert(
    fc.property(clocks, ms(2000), ms(500), ms(2000), (clock, there, busy, back) => {
      const sentMs = 1000;
      const receivedMs = sentMs + there;
      const leftMs = receivedMs + busy;
      const backMs = leftMs + back;
      const four = [sentMs * 1e6, readNs(clock, receivedMs), readNs(clock, leftMs), backMs * 1e6] as const;
      const { offsetMs, boundMs, delayMs } = exchangeTimes(four, 1000 * 2 ** clock.precision);
      if (boundMs === null) {
        expect(delayMs).toBeLessThan(0);
        return;
      }
      for (const at of [sentMs, receivedMs, leftMs, backMs])
        expect(Math.abs(truly(clock, at) - at - offsetMs)).toBeLessThanOrEqual(boundMs + 1e-6);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('the bound is half the delay, where the server reads its clock finely', () => {
  const { offsetMs, delayMs, boundMs } = exchangeTimes([0, 5e6, 6e6, 21e6], 0);
  expect([offsetMs, delayMs]).toEqual([-5, 20]);
  expect(boundMs).toBeCloseTo(10.021, 6);
});
