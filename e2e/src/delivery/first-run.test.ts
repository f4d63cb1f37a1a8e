import { join } from 'node:path';
import { agentOptionsFrom, openAgent } from '@netsonde/agent';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { account } from './expected-runs.ts';
import { type Ground, layGround, until } from './ground.ts';
import { type SessionServer, startSessionServer } from './session-server.ts';

vi.setConfig({ testTimeout: 60_000 });

let ground: Ground;
let server: SessionServer;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  ground = await layGround();
  server = await startSessionServer(ground.folder, ground.kept);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await server.close();
  ground.close();
});

const QUIET = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

async function start(name = 'first') {
  const options = agentOptionsFrom(
    {},
    { server: server.url, token: await server.token(), name, data: join(ground.folder, name) },
  );
  const agent = await openAgent(options, { log: QUIET });
  closing.push(() => agent.close());
  return agent;
}

test('an agent enrols, runs what it is assigned, and each due instant is told once', async () => {
  const { kept } = ground;
  const check = ground.check(7, 200, 2, Date.now() + 300);
  server.assign([check]);
  const agent = await start();
  await until('30 runs are stored', () => kept.runs.length > 30);
  const before = Date.now() - 600;
  await agent.close();
  for (const target of [1, 2]) {
    const { faults, stored } = account(kept, check, target, before);
    expect(faults).toEqual([]);
    expect(stored).toBeGreaterThan(5);
  }
  expect(kept.runs[0]).toMatchObject({ verdict: 'up', check: 7 });
  expect(kept.duplicates).toBe(0);
  expect(server.fleet.online().size).toBe(0);
});

test('a thousand checks, assigned at once: all run, each at its own phase, and each instant from the start is told', async () => {
  const { kept } = ground;
  await start();
  await until('the agent is online', () => server.fleet.online().size === 1);
  const startMs = Date.now() + 2000;
  const checks = Array.from({ length: 1000 }, (_, i) => ground.check(i + 1, 2000, 1, startMs));
  server.assign(checks);
  await until('all checks have run', () => new Set(kept.runs.map(({ check }) => check)).size === 1000, 40_000);
  await until('each has run three times', () => kept.runs.length >= 3000, 40_000);
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

test('a check that is taken away is cancelled, one that is wrong is refused by name and alone', async () => {
  const { kept } = ground;
  const good = ground.check(1, 150, 1, Date.now());
  const unknown = { ...ground.check(2, 150, 1, Date.now()), probe: 'telepathy' };
  const bad = { ...ground.check(3, 150, 1, Date.now()), targets: [{ target: 1, address: '-oProxyCommand=x:1' }] };
  const hasty = { ...ground.check(4, 150, 1, Date.now()), intervalMs: 20 };
  server.assign([good, unknown, bad, hasty]);
  await start();
  await until('something has run', () => kept.runs.length > 2);
  const refused = server.events.find(({ name }) => name === 'refused')?.data as {
    refused: { check: number; reason: string }[];
  };
  expect(refused.refused.map(({ check }) => check)).toEqual([2, 3, 4]);
  expect(refused.refused[0]?.reason).toMatch(/probe: .*telepathy/);
  expect(refused.refused[1]).toMatchObject({ target: 1, reason: expect.stringMatching(/-oProxyCommand/) });
  expect(refused.refused[2]?.reason).toMatch(/intervalMs: .*100/);
  await until('refused checks are accounted for', () =>
    kept.missed.some(({ check, reason }) => check === 2 && reason === 'policy'),
  );
  expect(server.fleet.live(1)?.inStep).toBe(true);
  expect(server.log.filter((line) => line.includes('another assignment'))).toEqual([]);
  server.assign([]);
  await until('the agent is in step', () => server.fleet.live(1)?.inStep === true);
  const last = Math.max(...kept.runs.map(({ at }) => at));
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(Math.max(...kept.runs.map(({ at }) => at))).toBeLessThanOrEqual(last + 300);
});

test('a server that was started anew hears what the agent refuses, though the assignment is not sent again', async () => {
  const checks = [{ ...ground.check(2, 1000, 1, Date.now()), probe: 'telepathy' }];
  server.assign(checks);
  await start();
  await until('the agent is in step', () => server.fleet.live(1)?.inStep === true);
  await server.vanish();
  server = await startSessionServer(ground.folder, ground.kept, { port: server.port, checks });
  await until('it says what it refuses', () => server.events.some(({ name }) => name === 'refused'), 40_000);
  expect(server.fleet.live(1)?.inStep).toBe(true);
});

test('an assignment of many targets crosses in parts and arrives whole', async () => {
  const many = ground.check(1, 3_600_000, 8000, Date.now());
  server.assign([many]);
  await start();
  await until('the agent is in step', () => server.fleet.live(1)?.inStep === true);
});
