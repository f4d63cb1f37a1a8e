import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inOwnNamespace } from '../test-support.test-namespace.ts';
import { type FarEnd, openFarEnd, startTrain } from './far-end.test-parts.ts';

/** Steps the wall clock of one program; the machine's clock stays as it is. */
const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`;
const COUNT = 30;
const STEP_AT = 15;
/** How long each echo is in flight, including the one during which the clock steps, and its neighbour. */
const HELD_MS = 25;

const folder = mkdtempSync(join(tmpdir(), 'stepped-clock-'));
const clock = join(folder, 'clock');
let far: FarEnd;

inOwnNamespace();
beforeAll(() => {
  expect(existsSync(LIBRARY), `this suite needs ${LIBRARY}: apt-get install libfaketime`).toBe(true);
  far = openFarEnd(1000);
});
beforeEach(() => writeFileSync(clock, '+0'));
afterAll(() => {
  far?.close();
  rmSync(folder, { recursive: true });
});

async function trainWith(step: string | null) {
  let seen = 0;
  far.onEcho = (packet) => {
    seen += 1;
    if (seen === STEP_AT && step !== null) writeFileSync(clock, step);
    setTimeout(() => far.answer([packet]), HELD_MS);
  };
  const env = {
    ...process.env,
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  const request = { address: far.address, count: COUNT, intervalMs: 10, timeoutMs: 2000, sizeBytes: 56 };
  return startTrain(request, { env }).train;
}

test.each(['+3600', '-3600'])('a wall clock set by %s s while echoes are in flight falsifies no RTT', async (step) => {
  const train = await trainWith(step);
  expect(train).toMatchObject({ sent: COUNT, received: COUNT, late: 0 });
  expect(train.processStamped).toBeGreaterThan(0);
  expect(train.kernelStamped).toBeGreaterThan(0);
  expect(train.kernelStamped + train.processStamped).toBe(COUNT);
  for (const rtt of train.rttsNs) expect(rtt).toBeGreaterThanOrEqual((HELD_MS - 1) * 1e6);
  expect(train.errorBoundNs).toBeGreaterThanOrEqual((HELD_MS - 1) * 1e6);
});

test('the same train without a clock step has kernel stamps throughout', async () => {
  expect(await trainWith(null)).toMatchObject({ received: COUNT, kernelStamped: COUNT, processStamped: 0 });
});
