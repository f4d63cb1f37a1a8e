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
  /** How fast the agent's clock is slewed: chrony's default limit, and the kernel's. */
  rate: fc.oneof(fc.constantFrom(0, 83_333e-6, -83_333e-6), fc.double({ min: -0.1, max: 0.1, noNaN: true })),
});

/** A server with the true time, and an agent whose clock is offset and slewed, at a rate that changes. */
function fixture(offsetMs: number) {
  let trueMs = 0;
  let aheadMs = offsetMs;
  const clock = new SessionClock({
    wallMs: () => Math.floor(START_MS + trueMs),
    monotonicMs: () => trueMs,
  });
  return {
    clock,
    pass(ms: number, rate: number) {
      trueMs += ms;
      aheadMs += ms * rate;
    },
    agentMs: () => Math.floor(START_MS + trueMs + aheadMs),
    /** The agent's clock minus the server's. */
    truth: () => aheadMs,
  };
}

describe(`the clock of a session (seed ${SEED})`, () => {
  test('the clock bound contains the true offset of the time it states, whatever the delays and slews', () => {
    const offset = fc.double({ min: -1e7, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(offset, fc.array(exchange, { minLength: 1, maxLength: 12 }), (offsetMs, plan) => {
        const { clock, pass, agentMs, truth } = fixture(offsetMs);
        let truthThen = 0;
        const heard = (read: number) => {
          const before = clock.offset;
          clock.heard(read);
          if (clock.offset !== before) truthThen = truth();
        };
        const expectTruth = () => {
          const known = clock.offset;
          if (known !== null) expect(Math.abs(known.offsetMs - truthThen)).toBeLessThanOrEqual(known.errorMs + 1e-3);
        };
        for (const { waitMs, there, busy, back, ownMs, rate } of plan) {
          pass(waitMs, rate);
          expectTruth();
          if (ownMs !== null) {
            const read = agentMs();
            pass(ownMs, rate);
            heard(read);
            expectTruth();
          }
          const ping = clock.pinged();
          pass(there + busy, rate);
          const read = agentMs();
          pass(back, rate);
          clock.ponged(ping);
          heard(read);
          expect(clock.offset).not.toBeNull();
          expectTruth();
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('the offset stays unknown before the first pong, and pongs of other pings are ignored', () => {
    const { clock, agentMs } = fixture(0);
    clock.heard(agentMs());
    clock.pinged();
    clock.ponged('');
    clock.ponged('7');
    clock.heard(agentMs());
    expect(clock.offset).toBeNull();
  });
});
