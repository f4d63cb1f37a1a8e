import { expect, vi } from 'vitest';
import { evenLedger } from './even-ledger.ts';
import { pause } from './ground.ts';
import { type RealGround, test } from './real-ground.test-support.ts';
import { SEED, seeded } from './seeds.ts';

vi.setConfig({ testTimeout: 120_000 });

const ROUNDS = 15;

async function targetsOf(real: RealGround, test: number): Promise<readonly { address: string }[]> {
  const { targets } = await real.api<{ targets: { address: string }[] }>(`/tests/${test}`);
  return targets.map(({ address }) => ({ address }));
}

test.concurrent(`when other tests start, end and are stopped on the same agent, no run is lost (seed ${SEED})`, async ({
  here,
  expect,
}) => {
  const random = seeded(SEED);
  const real = await here.lay();
  const question = await real.test(200);
  const targets = (await targetsOf(real, question.test)).slice(0, 1);
  const others: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = await real.api<{ id: number }>('/tests', {
      name: `other ${round}`,
      targets,
      checks: [{ probe: 'tcp' }],
      agents: { by: 'any', count: 1 },
      interval: 0.2,
      duration: 1 + random(),
    });
    others.push(id);
    await pause(random() * 400);
    if (random() < 0.5) await real.api(`/tests/${others[Math.floor(random() * others.length)]}/stop`, {});
  }
  const rowsOfOthers = async () => {
    const { rows } = await real.api<{ rows: { test: number; expected: number; outstanding: number }[] }>('/ledger');
    return rows.filter(({ test: of }) => others.includes(of));
  };
  // Each lasts at most two seconds, so that nothing more becomes due then.
  await pause(2500);
  await expect
    .poll(async () => (await rowsOfOthers()).filter(({ outstanding }) => outstanding !== 0), { timeout: 20_000 })
    .toEqual([]);
  expect((await rowsOfOthers()).reduce((sum, { expected }) => sum + expected, 0)).toBeGreaterThan(ROUNDS);
  const { faults, missed, dropped } = await evenLedger(real.api, { ...question, toMs: Date.now() - 300 });
  expect(faults).toEqual([]);
  expect(dropped).toEqual({});
  expect(Object.keys(missed).filter((reason) => !['slot_busy', 'late', 'overlap'].includes(reason))).toEqual([]);
});

test.concurrent('the runs of a test that is started early are first runs, not repeats', async ({ here }) => {
  const real = await here.lay();
  const question = await real.test(200);
  const targets = await targetsOf(real, question.test);
  const early = await real.api<{ id: number }>('/tests', {
    name: 'early',
    targets,
    checks: [{ probe: 'tcp' }],
    agents: { by: 'any', count: 1 },
    interval: 0.2,
    duration: 20,
    startAt: new Date(Date.now() + 100_000).toISOString(),
  });
  await pause(1000);
  await real.api(`/tests/${early.id}/start`, {});
  while ((await real.stored(early.id)) < 20) await pause(200);
  const results = await real.api<{ flags?: readonly string[] }[]>(`/tests/${early.id}/export.json`);
  expect(results.filter(({ flags }) => flags?.includes('repeated'))).toEqual([]);
  const { resultCount } = await real.api<{ resultCount: number }>(`/tests/${early.id}`);
  expect(resultCount).toBeGreaterThanOrEqual(20);
});
