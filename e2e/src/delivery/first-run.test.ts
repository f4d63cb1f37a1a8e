import { expect, vi } from 'vitest';
import { accountsOnceReported } from './expected-runs.ts';
import { pause, until } from './ground.ts';
import { test } from './meeting.test-support.ts';
import { startSessionServer } from './session-server.ts';

vi.setConfig({ testTimeout: 60_000 });

test('an agent enrols, runs its assignment, and accounts for each due instant once', async ({ here }) => {
  const { kept } = here.ground;
  const check = here.ground.check(7, 200, 2, Date.now() + 300);
  here.server.assign([check]);
  const { agent } = await here.start({ token: await here.server.token() });
  await until('30 runs are stored', () => kept.runs.length > 30);
  for (const { faults, stored } of await accountsOnceReported(kept, [check], Date.now(), () => agent.close())) {
    expect(faults).toEqual([]);
    expect(stored).toBeGreaterThan(5);
  }
  expect(kept.runs[0]).toMatchObject({ verdict: 'up', check: 7 });
  expect(kept.duplicates).toBe(0);
  expect(here.server.fleet.online().size).toBe(0);
});

test('a thousand checks assigned at once all run at their own phase, and each instant from the start is accounted for', async ({
  here,
}) => {
  const { kept } = here.ground;
  await here.start({ token: await here.server.token() });
  await here.online();
  const startMs = Date.now() + 2000;
  const checks = Array.from({ length: 1000 }, (_, i) => here.ground.check(i + 1, 2000, 1, startMs));
  here.server.assign(checks);
  await until('all checks have run', () => new Set(kept.runs.map(({ check }) => check)).size === 1000, 40_000);
  await until('three thousand runs are stored', () => kept.runs.length >= 3000, 40_000);
  const firsts = new Map<number, number>();
  for (const { check, at } of [...kept.runs, ...kept.missed.map(({ check, from }) => ({ check, at: from }))])
    firsts.set(check, Math.min(firsts.get(check) ?? at, at));
  for (const first of firsts.values()) {
    expect(first).toBeGreaterThanOrEqual(startMs);
    expect(first).toBeLessThan(startMs + 2000);
  }
  const phases = new Set(kept.runs.map(({ check, at }) => `${check} ${at % 2000}`));
  expect(phases.size).toBe(1000);
  expect(new Set(kept.runs.map(({ at }) => Math.floor((at % 2000) / 200))).size).toBe(10);
});

test('a removed check is cancelled, and an invalid check is refused by name without effect on others', async ({
  here,
}) => {
  const { kept } = here.ground;
  const good = here.ground.check(1, 150, 1, Date.now());
  const unknown = { ...here.ground.check(2, 150, 1, Date.now()), probe: 'telepathy' };
  const bad = { ...here.ground.check(3, 150, 1, Date.now()), targets: [{ target: 1, address: '-oProxyCommand=x:1' }] };
  const hasty = { ...here.ground.check(4, 150, 1, Date.now()), intervalMs: 20 };
  here.server.assign([good, unknown, bad, hasty]);
  await here.start({ token: await here.server.token() });
  await until('something has run', () => kept.runs.length > 2);
  const refused = here.server.events.find(({ name }) => name === 'refused')?.data as {
    refused: { check: number; reason: string }[];
  };
  expect(refused.refused.map(({ check }) => check)).toEqual([2, 3, 4]);
  expect(refused.refused[0]?.reason).toMatch(/probe: .*telepathy/);
  expect(refused.refused[1]).toMatchObject({ target: 1, reason: expect.stringMatching(/-oProxyCommand/) });
  expect(refused.refused[2]?.reason).toMatch(/intervalMs: .*100/);
  await until('refused checks are accounted for', () =>
    kept.missed.some(({ check, reason }) => check === 2 && reason === 'policy'),
  );
  expect(here.server.fleet.live(1)?.inStep).toBe(true);
  expect(here.server.log.filter((line) => line.includes('another assignment'))).toEqual([]);
  here.server.assign([]);
  await until('the agent is in step', () => here.server.fleet.live(1)?.inStep === true);
  const since = Date.now();
  await pause(600);
  expect(kept.runs.filter(({ at }) => at > since)).toEqual([]);
});

test('a restarted server receives what the agent refuses, although the assignment is not sent again', async ({
  here,
}) => {
  const checks = [{ ...here.ground.check(2, 1000, 1, Date.now()), probe: 'telepathy' }];
  here.server.assign(checks);
  await here.start({ token: await here.server.token() });
  await until('the agent is in step', () => here.server.fleet.live(1)?.inStep === true);
  await here.server.vanish();
  here.server = await startSessionServer(here.ground.folder, here.ground.kept, { port: here.server.port, checks });
  await until('it says what it refuses', () => here.server.events.some(({ name }) => name === 'refused'), 40_000);
  expect(here.server.fleet.live(1)?.inStep).toBe(true);
});

test('an assignment of many targets is sent in parts and arrives whole', async ({ here }) => {
  const many = here.ground.check(1, 3_600_000, 8000, Date.now());
  here.server.assign([many]);
  await here.start({ token: await here.server.token() });
  await until('the agent is in step', () => here.server.fleet.live(1)?.inStep === true);
});
