import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SessionClock } from './session-clock.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));
const START_MS = 1_700_000_000_000;

const delay = fc.double({ min: 0, max: 300, noNaN: true });
const exchange = fc.record({
  waitMs: fc.double({ min: 0, max: 30_000, noNaN: true }),
  there: delay,
  /** Delay from the ping to the agent's clock reading. */
  busy: fc.double({ min: 0, max: 50, noNaN: true }),
  back: delay,
  /** The agent's heartbeat message, which answers no ping. */
  ownMs: fc.option(delay, { nil: null }),
});

/** A server with the true time, and an agent whose clock is offset and drifts. */
function fixture(offsetMs: number, drift: number) {
  let trueMs = 0;
  const clock = new SessionClock({
    wallMs: () => Math.floor(START_MS + trueMs),
    monotonicMs: () => trueMs,
  });
  return {
    clock,
    pass(ms: number) {
      trueMs += ms;
    },
    agentMs: () => Math.floor(START_MS + trueMs * (1 + drift) + offsetMs),
    /** The agent's clock minus the server's. */
    truth: () => trueMs * drift + offsetMs,
  };
}

describe(`the clock of a session (seed ${SEED})`, () => {
  test('the clock bound contains the true offset after each message, whatever the delays', () => {
    const offset = fc.double({ min: -1e7, max: 1e7, noNaN: true });
    const drift = fc.double({ min: -500e-6, max: 500e-6, noNaN: true });
    fc.assert(
      fc.property(offset, drift, fc.array(exchange, { minLength: 1, maxLength: 12 }), (offsetMs, rate, plan) => {
        const { clock, pass, agentMs, truth } = fixture(offsetMs, rate);
        const expectTruth = () => {
          const known = clock.offset;
          if (known !== null) expect(Math.abs(known.offsetMs - truth())).toBeLessThanOrEqual(known.errorMs + 1e-3);
        };
        for (const { waitMs, there, busy, back, ownMs } of plan) {
          pass(waitMs);
          expectTruth();
          if (ownMs !== null) {
            const read = agentMs();
            pass(ownMs);
            clock.heard(read);
            expectTruth();
          }
          const ping = clock.pinged();
          pass(there + busy);
          const read = agentMs();
          pass(back);
          clock.ponged(ping);
          clock.heard(read);
          expect(clock.offset).not.toBeNull();
          expectTruth();
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('the offset stays unknown before the first pong, and pongs of other pings are ignored', () => {
    const { clock, agentMs } = fixture(0, 0);
    clock.heard(agentMs());
    clock.pinged();
    clock.ponged('');
    clock.ponged('7');
    clock.heard(agentMs());
    expect(clock.offset).toBeNull();
  });
});
