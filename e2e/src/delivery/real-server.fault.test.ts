import { expect, vi } from 'vitest';
import { damage } from './damage.ts';
import { evenLedger } from './even-ledger.ts';
import { pause } from './ground.ts';
import { test } from './real-ground.test-support.ts';
import { SEED, seeded, shuffled } from './seeds.ts';

vi.setConfig({ testTimeout: 240_000 });

/** Enough segments that damage hits old and new ones. */
const SMALL_SEGMENTS = { parts: { spoolLimits: { segmentBytes: 8192 } } };

test.concurrent(`after kills and damage at random moments, expected = stored + dropped + missed, nothing twice (seed ${SEED})`, async ({
  here,
}) => {
  const random = seeded(SEED);
  const real = await here.lay({ agent: SMALL_SEGMENTS });
  const question = await real.test(100);
  const story: string[] = [];
  const harms = {
    async 'kill the server'() {
      await real.server.kill();
      await pause(random() * 1500);
      await real.startServer();
    },
    async 'kill the agent'() {
      await real.agent.kill();
      await pause(random() * 800);
      await real.startAgent();
    },
    async 'tear a segment of a running agent'() {
      await real.server.kill();
      await pause(1500 + random() * 1000);
      story.push(damage(real.agentFolder, 'torn', random) ?? 'nothing to tear');
      await pause(random() * 300);
      await real.startServer();
    },
    async 'turn a bit under a running agent'() {
      await real.server.kill();
      await pause(1500 + random() * 1000);
      story.push(damage(real.agentFolder, 'bit_flipped', random) ?? 'nothing to turn');
      await real.startServer();
    },
    async 'kill both, and damage a segment in between'() {
      await real.server.kill();
      await pause(500 + random() * 1500);
      await real.agent.kill();
      const harm = random() < 0.5 ? 'torn' : 'bit_flipped';
      story.push(damage(real.agentFolder, harm, random) ?? 'nothing to damage');
      await real.startAgent();
      await pause(random() * 500);
      await real.startServer();
    },
  };
  const kinds = Object.keys(harms) as (keyof typeof harms)[];
  for (const kind of shuffled([...kinds, 'kill the server', 'kill the agent'] as typeof kinds, random)) {
    story.push(kind);
    await pause(300 + random() * 1200);
    await harms[kind]();
  }
  const toMs = Date.now() - 300;
  const { faults, stored, missed, dropped } = await evenLedger(real.api, { ...question, toMs });
  expect(faults, story.join('\n')).toEqual([]);
  expect(stored).toBeGreaterThan(100);
  expect(Object.keys(missed).filter((reason) => !LIVES.includes(reason))).toEqual([]);
  expect((missed.killed_mid_run ?? 0) + (missed.agent_off ?? 0)).toBeGreaterThan(0);
  expect((dropped.torn ?? 0) + (dropped.corrupt ?? 0)).toBeGreaterThan(0);
  expect(Object.keys(dropped).filter((reason) => reason !== 'torn' && reason !== 'corrupt')).toEqual([]);
});

/** The faults that kills and a busy machine may cause. */
const LIVES = ['killed_mid_run', 'agent_off', 'slot_busy', 'late', 'overlap', 'cancelled'];

test.concurrent('after the server was gone for 100 intervals and the agent was killed meanwhile, all records arrive', async ({
  here,
}) => {
  const real = await here.lay();
  const question = await real.test(100);
  expect(real.server.output()).not.toContain('runs another assignment');
  await real.server.kill();
  await pause(5000);
  await real.agent.kill();
  await real.startAgent();
  await pause(5000);
  await real.startServer();
  const { faults, stored, missed, dropped } = await evenLedger(real.api, { ...question, toMs: Date.now() - 300 });
  expect(faults).toEqual([]);
  expect(stored).toBeGreaterThan(250);
  expect(Object.keys(missed).filter((reason) => !LIVES.includes(reason))).toEqual([]);
  expect(dropped).toEqual({});
});
