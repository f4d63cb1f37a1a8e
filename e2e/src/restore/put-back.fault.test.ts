import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { evenLedger } from '../delivery/even-ledger.ts';
import { pause } from '../delivery/ground.ts';
import { type RealGround, test } from '../delivery/real-ground.test-support.ts';

const TARGETS = 2;

/** Makes a tcp test that runs until it is stopped. */
async function make(real: RealGround, name: string, address: string, interval = 0.2) {
  const targets = Array.from({ length: TARGETS }, (_, i) => ({ address: address.replace('0.0.1:', `0.0.${i + 1}:`) }));
  const agents = { by: 'any', count: 1 };
  const body = { name, targets, checks: [{ probe: 'tcp' }], agents, interval, duration: null };
  return real.api<{ id: number; checks: { id: number }[]; targets: { id: number }[] }>('/tests', body);
}

test('after a data folder was put back by hand, results of a lost test never appear in the test that got its ids', async ({
  here,
}) => {
  const folder = join(here.ground.folder, 'server');
  const copy = join(here.ground.folder, 'copy');
  const real = await here.lay({ serverFolder: folder });
  const a = await real.test(200);
  const [{ address = '' } = {}] = here.ground.check(1, 1000, 1, 0).targets;
  await real.server.stop();
  cpSync(folder, copy, { recursive: true });

  await real.startServer();
  const b = await make(real, 'lost', address);
  while ((await real.stored(b.id)) < 5) await pause(100);
  await real.server.kill();
  await pause(1500);
  await real.agent.stop();

  rmSync(folder, { recursive: true });
  renameSync(copy, folder);
  await real.startServer();
  const c = await make(real, 'new', '127.0.0.1:9');
  expect([c.checks[0]?.id, c.targets.map(({ id }) => id)]).toEqual([b.checks[0]?.id, b.targets.map(({ id }) => id)]);
  await pause(1000);
  await real.startAgent();
  const [agent] = await real.api<{ id: number }[]>('/agents');
  type Unplanned = { unplanned: { records: number } | null; refused: Record<string, number> };
  let seen: Unplanned | undefined;
  for (let tries = 0; tries < 200 && (seen?.unplanned?.records ?? 0) < 5; tries += 1) {
    seen = await real.api<Unplanned>(`/agents/${agent?.id}`);
    await pause(100);
  }
  expect(seen?.unplanned?.records).toBeGreaterThanOrEqual(5);
  expect(seen?.refused).toEqual({});
  while ((await real.stored(c.id)) < 10) await pause(100);
  const ofNew = await real.api<{ verdict: string }[]>(`/tests/${c.id}/export.json`);
  expect(ofNew.filter(({ verdict }) => verdict === 'up')).toEqual([]);
  const first = await evenLedger(real.api, { ...a, toMs: Date.now() - 500 });
  expect(first.faults).toEqual([]);
  expect(real.server.output()).toMatch(/was put back to an older state/);
  const d = await make(real, 'after', address);
  expect(d.checks[0]?.id).toBeGreaterThan((b.checks[0]?.id ?? 0) + 9999);
}, 180_000);
