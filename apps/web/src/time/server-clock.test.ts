import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

const SERVER_MS = 1_800_000_000_000;

/** A page whose clocks move as the test says, beside the true time of its server. */
function setUp(offMs: number) {
  const at = { trueMs: SERVER_MS, wallMs: SERVER_MS + offMs, steadyMs: 5000 };
  const clock = new ServerClock({ wallMs: () => at.wallMs, steadyMs: () => at.steadyMs });
  const pass = (ms: number) => {
    at.trueMs += ms;
    at.wallMs += ms;
    at.steadyMs += ms;
  };
  return {
    at,
    clock,
    pass,
    sleep(ms: number) {
      at.trueMs += ms;
      at.wallMs += ms;
    },
    ask(thereMs: number, backMs: number) {
      const askedMs = at.steadyMs;
      pass(thereMs);
      const serverMs = at.trueMs;
      pass(backMs);
      clock.heard({ serverMs, askedMs, heardMs: at.steadyMs });
    },
  };
}

test.each([0, -600_000, 86_400_000, -1_800_000_000_000 + 1])(
  "with a browser's clock that is off by %i ms, the server's time is known within half a round trip",
  (offMs) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3000), fc.nat(3000), fc.nat(60_000)), { minLength: 1 }), (answers) => {
        const { at, clock, pass, ask } = setUp(offMs);
        let bestMs = Number.POSITIVE_INFINITY;
        for (const [thereMs, backMs, waitMs] of answers) {
          ask(thereMs, backMs);
          bestMs = Math.min(bestMs + waitMs, (thereMs + backMs) / 2);
          expect(Math.abs(clock.now() - at.trueMs)).toBeLessThanOrEqual(3000);
          pass(waitMs);
          expect(Math.abs(clock.now() - at.trueMs)).toBeLessThanOrEqual(3000);
          expect(clock.isUnsure).toBe(false);
        }
      }),
    );
  },
);

test('until the first answer the time is the browser clock, which is not said to be off', () => {
  const { at, clock } = setUp(-600_000);
  expect([clock.now(), clock.browserAheadMs, clock.isUnsure]).toEqual([at.wallMs, 0, false]);
});

test('a short round trip replaces the time of a long one, and not the other way round', () => {
  const { at, clock, ask } = setUp(0);
  ask(2000, 0);
  expect(clock.now() - at.trueMs).toBe(1000);
  ask(5, 5);
  expect(clock.now()).toBe(at.trueMs);
  ask(0, 2000);
  expect(clock.now()).toBe(at.trueMs);
});

test('a browser clock that is set back, or a computer that slept, changes nothing of the time that is shown', () => {
  const { at, clock, ask, sleep } = setUp(0);
  ask(5, 5);
  at.wallMs -= 600_000;
  expect([clock.now(), clock.isUnsure]).toEqual([at.trueMs, true]);
  ask(5, 5);
  expect([clock.now(), clock.isUnsure, clock.browserAheadMs]).toEqual([at.trueMs, false, -599_995]);
  sleep(3_600_000);
  expect([clock.now(), clock.isUnsure]).toEqual([at.trueMs, true]);
  ask(5, 5);
  expect([clock.now(), clock.isUnsure]).toEqual([at.trueMs, false]);
});

test('a browser clock that is set forward is right again with the next answer, however long its round trip', () => {
  const { at, clock, ask } = setUp(-600_000);
  ask(5, 5);
  at.wallMs += 600_000;
  expect(clock.isUnsure).toBe(true);
  ask(1000, 1000);
  expect([clock.now(), clock.isUnsure]).toEqual([at.trueMs, false]);
});
