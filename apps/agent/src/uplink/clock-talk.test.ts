import type { AgentMessage } from '@netsonde/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClockTalk } from './clock-talk.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));
const START_MS = 1_700_000_000_000;

/** An agent whose clock is true, and a server whose clock is ahead by `aheadMs`. */
function fixture(aheadMs: number) {
  let trueMs = 0;
  const sent: Extract<AgentMessage, { type: 'time' }>[] = [];
  const lines: { level: 'warn' | 'debug'; text: string }[] = [];
  const talk = new ClockTalk({
    clock: {
      wallMs: () => Math.floor(START_MS + trueMs),
      hostMs: () => Math.floor(START_MS + trueMs),
      monotonicMs: () => trueMs,
      bootMark: undefined,
      heardServer: () => {},
    },
    send: (message) => {
      if (message.type === 'time') sent.push(message);
    },
    log: {
      warn: (text) => void lines.push({ level: 'warn', text }),
      debug: (text) => void lines.push({ level: 'debug', text }),
    },
  });
  const serverMs = () => Math.floor(START_MS + trueMs + aheadMs);
  const pass = (ms: number) => {
    trueMs += ms;
  };
  return { talk, sent, lines, serverMs, pass };
}

describe(`the agent's view of its clock (seed ${SEED})`, () => {
  test('the logged error bound contains the true offset, with any delays', () => {
    const delay = fc.double({ min: 0, max: 2000, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: -4000, max: 4000, noNaN: true }),
        fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 8 }),
        (aheadMs, plan) => {
          const { talk, sent, lines, serverMs, pass } = fixture(aheadMs);
          for (const [there, back] of plan) {
            talk.ask();
            pass(there);
            const read = serverMs();
            pass(back);
            const asked = sent.at(-1);
            if (asked === undefined) throw new Error('nothing was asked');
            talk.answered({ ...asked, serverMs: read });
            const [, offset, error] =
              /server (-?[\d.]+) ms, at most ([\d.]+) ms off/.exec(lines.at(-1)?.text ?? '') ?? [];
            expect(Math.abs(Number(offset) + aheadMs)).toBeLessThanOrEqual(Number(error) + 1e-6);
          }
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  test('a clock that is certainly off by more than 5 s is logged once', () => {
    const { talk, sent, lines, serverMs, pass } = fixture(-60_000);
    for (let time = 0; time < 3; time += 1) {
      talk.ask();
      pass(20);
      const asked = sent.at(-1);
      if (asked !== undefined) talk.answered({ ...asked, serverMs: serverMs() });
    }
    const warnings = lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ text }) => text)).toEqual([expect.stringContaining('60.0 s ahead of the server')]);
  });

  test('a late answer to a dropped question and an unknown answer are ignored', () => {
    const { talk, sent, lines } = fixture(0);
    for (let time = 0; time < 20; time += 1) talk.ask();
    const [first] = sent;
    if (first !== undefined) talk.answered({ ...first, serverMs: 0 });
    talk.answered({ type: 'time', id: 999, agentMs: 0, serverMs: 0 });
    expect(lines).toEqual([]);
  });
});
