import { expect, test } from 'vitest';
import { AGENT_STALLED } from '../contract/network-error.ts';
import { calmly, calmRun, watched } from '../run/calm-run.test-support.ts';
import { Patience, type TimeUp } from './patience.ts';
import { systemClock } from './system-clock.ts';

const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const patienceOf = (ms: number) => new Patience(systemClock, ms);

/** Why a wait ended, and after how many ms. */
function waited(patience: Patience, attempts = 1): Promise<readonly [TimeUp, number]> {
  const startedMs = performance.now();
  return new Promise((resolve) => patience.wait((why) => resolve([why, performance.now() - startedMs]), attempts));
}

test('a wait lasts for the timeout, an attempt for its share, and the next one for the rest', async () => {
  const [[why, tookMs], [, restMs]] = await calmly(async () => {
    const patience = patienceOf(400);
    return [await waited(patience, 4), await waited(patience)] as const;
  });
  expect(why).toBe('timeout');
  expect(tookMs).toBeGreaterThanOrEqual(99);
  expect(tookMs + restMs).toBeGreaterThanOrEqual(390);
});

test('the time between two waits does not count', async () => {
  const [why, tookMs] = await calmly(async () => {
    const patience = patienceOf(150);
    patience.wait(() => {})();
    await pause(200);
    return waited(patience);
  });
  expect([why, tookMs >= 140]).toEqual(['timeout', true]);
});

test('a wait that was ended never calls back, even if it was already due', async () => {
  const patience = patienceOf(30);
  const seen: TimeUp[] = [];
  const end = patience.wait((why) => seen.push(why));
  standStill(100);
  setImmediate(end);
  await pause(150);
  expect(seen).toEqual([]);
});

test.each([
  ['at its start', 0],
  ['in its middle', 150],
])('a process stalled %s waits longer, and reports agent_stalled', async (_, momentMs) => {
  setTimeout(standStill, momentMs, 600);
  const [why, tookMs] = await waited(patienceOf(300));
  expect(why).toBe(AGENT_STALLED);
  expect(tookMs).toBeGreaterThan(800);
});

test('a short stall extends the wait, and the result stays timeout', async () => {
  const [why, tookMs] = await calmRun(async () => {
    const { result, stalledMs } = await watched(() => {
      setTimeout(standStill, 50, 250);
      return waited(patienceOf(2000));
    });
    return { result, stalledMs: stalledMs - 250 };
  });
  expect(why).toBe('timeout');
  expect(tookMs).toBeGreaterThanOrEqual(2080);
});

test('after a stall, a closed connection may be the fault of this process, a refused one is not', () => {
  const patience = patienceOf(300);
  expect(patience.judged('closed')).toBe('closed');
  const end = patience.wait(() => {});
  standStill(700);
  end();
  expect(['closed', 'ECONNRESET', 'EPIPE'].map((code) => patience.judged(code))).toEqual(Array(3).fill(AGENT_STALLED));
  expect(patience.judged('ECONNREFUSED')).toBe('ECONNREFUSED');
});

/** Blocks this process again and again for `ms`, until the returned function is called. */
function keepBusy(ms: number): () => void {
  const timer = setInterval(standStill, 1, ms);
  return () => clearInterval(timer);
}

test('a wait on a busy host that ends more than 250 ms after its timeout reports its overrun', async () => {
  const reported: number[] = [];
  const clock = { ...systemClock, overran: (ms: number) => reported.push(ms) };
  const rest = keepBusy(200);
  const [why, tookMs] = await waited(new Patience(clock, 1200));
  rest();
  expect(['timeout', AGENT_STALLED]).toContain(why);
  expect(tookMs > 1200 + 260 ? reported.length > 0 : true, `${tookMs} ms`).toBe(true);
});

test('a wait in time reports no overrun', async () => {
  const reported: number[] = [];
  await calmly(async () => {
    reported.length = 0;
    await waited(new Patience({ ...systemClock, overran: (ms: number) => reported.push(ms) }, 200));
  });
  expect(reported).toEqual([]);
});

test('a failure that arrives after the timeout counts as a timeout', () => {
  const patience = patienceOf(2000);
  expect(patience.judged('EHOSTUNREACH')).toBe('EHOSTUNREACH');
  for (let count = 0; count < 8; count++) {
    const end = patience.wait(() => {});
    standStill(300);
    end();
  }
  expect(patience.stalled).toBe(false);
  expect(['EHOSTUNREACH', 'ECONNREFUSED', 'closed'].map((code) => patience.judged(code))).toEqual(
    Array(3).fill('timeout'),
  );
});
