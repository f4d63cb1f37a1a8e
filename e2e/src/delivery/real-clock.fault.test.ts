import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { evenLedger } from './even-ledger.ts';
import { FAKE_CLOCK } from './fake-clock.ts';
import { pause } from './ground.ts';
import { type RealGround, test } from './real-ground.test-support.ts';

const HOUR = 3_600_000;

/** The instant of the newest result, epoch ms. */
async function newest(real: RealGround, test: number): Promise<number> {
  const { results } = await real.api<{ results: { at: string }[] }>(`/tests/${test}/results?limit=1`);
  return Date.parse(results[0]?.at ?? '');
}

test.concurrent('when the clock of an agent steps an hour ahead, back, and behind, the ledger adds up and repeats do not count', async ({
  here,
}) => {
  const clock = join(here.ground.folder, 'clock');
  writeFileSync(clock, '+0\n');
  const real = await here.lay({ agent: { env: FAKE_CLOCK(clock) } });
  const question = await real.test(200);
  const calm = await real.stored(question.test);
  while ((await real.stored(question.test)) < calm + 20) await pause(200);
  writeFileSync(clock, '+3600\n');
  while ((await newest(real, question.test)) < Date.now() + HOUR / 2) await pause(200);
  await pause(1500);
  for (const offset of ['+0', '-3600', '+0']) {
    const before = await real.stored(question.test);
    writeFileSync(clock, `${offset}\n`);
    while ((await real.stored(question.test)) < before + 20) await pause(200);
  }
  const { faults, stored, missed, repeated } = await evenLedger(real.api, { ...question, toMs: Date.now() - 300 });
  expect(faults).toEqual([]);
  expect(stored).toBeGreaterThan(0);
  expect(repeated).toBeGreaterThan(40);
  expect(missed.clock_stepped).toBeGreaterThan(0);
  expect(
    Object.keys(missed).filter(
      (reason) => !['clock_stepped', 'slot_busy', 'late', 'overlap', 'agent_off'].includes(reason),
    ),
  ).toEqual([]);
}, 180_000);

test.concurrent('when the clock of a server steps an hour ahead, back, and behind, the session lasts and the ledger adds up', async ({
  here,
}) => {
  const clock = join(here.ground.folder, 'clock');
  writeFileSync(clock, '+0\n');
  const real = await here.lay({ serverEnv: FAKE_CLOCK(clock) });
  const question = await real.test(200);
  for (const offset of ['+3600', '+0', '-3600', '+0']) {
    const before = await real.stored(question.test);
    writeFileSync(clock, `${offset}\n`);
    while ((await real.stored(question.test)) < before + 30) await pause(200);
  }
  const { faults, dropped, repeated } = await evenLedger(real.api, { ...question, toMs: Date.now() - 300 });
  expect(faults).toEqual([]);
  expect(dropped).toEqual({});
  expect(repeated).toBe(0);
  expect(real.server.output()).not.toMatch(/silent for three heartbeats/);
}, 180_000);
