import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { account } from './expected-runs.ts';
import { FAKE_CLOCK } from './fake-clock.ts';
import { type Ground, layGround, pause, until } from './ground.ts';
import { SEED, seeded } from './seeds.ts';
import { type SessionServer, startSessionServer } from './session-server.ts';

vi.setConfig({ testTimeout: 120_000 });

let ground: Ground;
let server: SessionServer;
const agents: AgentProcess[] = [];
beforeEach(async () => {
  ground = await layGround();
  server = await startSessionServer(ground.folder, ground.kept);
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.kill();
  await server.close();
  ground.close();
});

async function start(token?: string, env: Record<string, string> = {}): Promise<AgentProcess> {
  const flags = {
    server: server.url,
    name: 'a',
    data: join(ground.folder, 'agent'),
    ...(token === undefined ? {} : { token }),
  };
  const agent = startAgentProcess(flags, { env });
  agents.push(agent);
  await agent.says('open', 40_000);
  return agent;
}

test(`kill -9 of the agent at random moments: stored + missed = expected, each instant once (seed ${SEED})`, async () => {
  const { kept } = ground;
  const random = seeded(SEED);
  const checks = [ground.check(1, 100, 3, Date.now() + 2500), ground.check(2, 370, 2, Date.now() + 2500)];
  server.assign(checks);
  let agent = await start(await server.token());
  await until('something is stored', () => kept.runs.length > 5);
  for (let life = 0; life < 6; life++) {
    await pause(200 + random() * 1200);
    await agent.kill();
    await pause(random() * 500);
    agent = await start();
  }
  await pause(1500);
  const before = Date.now() - 500;
  await agent.stop();
  for (const check of checks)
    for (const { target } of check.targets) {
      const { faults, stored, missed } = account(kept, check, target, before);
      expect(faults).toEqual([]);
      expect(stored).toBeGreaterThan(5);
      expect((missed.killed_mid_run ?? 0) + (missed.agent_off ?? 0)).toBeGreaterThan(0);
    }
});

test(`the server dies at random moments, with frames on their way: nothing lost, nothing twice (seed ${SEED})`, async () => {
  const { kept } = ground;
  const random = seeded(SEED + 100);
  const agent = await start(await server.token());
  await until('the agent is online', () => server.fleet.online().size === 1);
  const check = ground.check(1, 100, 4, Date.now() + 2500);
  server.assign([check]);
  await until('something is stored', () => kept.runs.length > 5);
  for (let death = 0; death < 4; death++) {
    await pause(300 + random() * 900);
    let release = () => {};
    kept.hold = new Promise((resolve) => {
      release = resolve;
    });
    await pause(random() * 300);
    await server.vanish();
    release();
    kept.hold = null;
    await pause(random() * 800);
    server = await startSessionServer(ground.folder, kept, { port: server.port, checks: [check] });
  }
  await until('the agent is back', () => server.fleet.online().size === 1, 40_000);
  await pause(1500);
  const before = Date.now() - 700;
  await agent.stop();
  for (const { target } of check.targets) {
    const { faults, missed } = account(kept, check, target, before);
    expect(faults).toEqual([]);
    expect(Object.keys(missed).filter((reason) => reason !== 'slot_busy' && reason !== 'overlap')).toEqual([]);
  }
});

test('a process clock stepped by an hour each way: skipped instants are counted, runs go on', async () => {
  const { kept } = ground;
  const clock = join(ground.folder, 'clock');
  writeFileSync(clock, '+0\n');
  const check = ground.check(1, 200, 2, Date.now() + 1500);
  server.assign([check]);
  const agent = await start(await server.token(), FAKE_CLOCK(clock));
  const HOUR = 3_600_000;
  await until('something is stored', () => kept.runs.length > 8);
  writeFileSync(clock, '+3600\n');
  await until(
    'runs after the step forward',
    () => kept.runs.filter(({ at }) => at > Date.now() + HOUR / 2).length > 12,
  );
  expect(kept.missed.some(({ reason, count }) => reason === 'clock_stepped' && count > 17_000)).toBe(true);
  writeFileSync(clock, '+0\n');
  await until(
    'runs after the step back',
    () => kept.runs.filter(({ at, flags }) => flags?.includes('repeated') && at < Date.now() + HOUR / 2).length > 12,
  );
  writeFileSync(clock, '-3600\n');
  await until(
    'runs after another step back',
    () => kept.runs.filter(({ at }) => at < Date.now() - HOUR / 2).length > 12,
  );
  await agent.says(/clock of this host is 36\d\d\.\d s (ahead of|behind) the server/);
  await agent.stop();
  for (const { target } of check.targets) {
    const furthest = Math.max(
      ...kept.runs.filter((run) => run.target === target && !run.flags?.includes('repeated')).map(({ at }) => at),
    );
    expect(account(kept, check, target, furthest).faults).toEqual([]);
  }
});
