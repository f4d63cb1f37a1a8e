import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { accountsOnceReported } from './expected-runs.ts';
import { FAKE_CLOCK } from './fake-clock.ts';
import { pause, until } from './ground.ts';
import { test } from './meeting.test-support.ts';
import { SEED, seeded } from './seeds.ts';
import { startSessionServer } from './session-server.ts';

vi.setConfig({ testTimeout: 120_000 });

test.concurrent(`after kill -9 of the agent at random moments, stored + missed = expected, each instant once (seed ${SEED})`, async ({
  here,
}) => {
  const { ground, server } = here;
  const { kept } = ground;
  const random = seeded(SEED);
  const checks = [ground.check(1, 100, 3, Date.now() + 2500), ground.check(2, 370, 2, Date.now() + 2500)];
  server.assign(checks);
  let agent = await here.startProcess({ token: await server.token() });
  await until('something is stored', () => kept.runs.length > 5);
  for (let life = 0; life < 6; life++) {
    await pause(200 + random() * 1200);
    await agent.kill();
    await pause(random() * 500);
    agent = await here.startProcess();
  }
  for (const { faults, stored, missed } of await accountsOnceReported(kept, checks, Date.now(), agent.stop)) {
    expect(faults).toEqual([]);
    expect(stored).toBeGreaterThan(5);
    expect((missed.killed_mid_run ?? 0) + (missed.agent_off ?? 0)).toBeGreaterThan(0);
  }
});

test.concurrent(`when the server dies at random moments with frames under way, nothing is lost or stored twice (seed ${SEED})`, async ({
  here,
}) => {
  const { ground, server } = here;
  const { kept } = ground;
  const random = seeded(SEED + 100);
  const agent = await here.startProcess({ token: await server.token() });
  await until('the agent is online', () => here.server.fleet.online().size === 1);
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
    await here.server.vanish();
    release();
    kept.hold = null;
    await pause(random() * 800);
    here.server = await startSessionServer(ground.folder, kept, { port: server.port, checks: [check] });
  }
  await until('the agent is back', () => here.server.fleet.online().size === 1, 40_000);
  for (const { faults, missed } of await accountsOnceReported(kept, [check], Date.now(), agent.stop)) {
    expect(faults).toEqual([]);
    expect(Object.keys(missed).filter((reason) => !['slot_busy', 'late', 'overlap'].includes(reason))).toEqual([]);
  }
});

test.concurrent('when the clock of a process steps by an hour each way, runs continue at the right instants', async ({
  here,
}) => {
  const { ground, server } = here;
  const { kept } = ground;
  const clock = join(ground.folder, 'clock');
  writeFileSync(clock, '+0\n');
  const check = ground.check(1, 200, 2, Date.now() + 1500);
  server.assign([check]);
  const agent = await here.startProcess({ token: await server.token() }, { env: FAKE_CLOCK(clock) });
  await until('something is stored', () => kept.runs.length > 8);
  for (const offset of ['+3600', '+0', '-3600']) {
    const before = kept.runs.length;
    writeFileSync(clock, `${offset}\n`);
    await until(`runs while the clock shows ${offset}`, () => kept.runs.length > before + 24);
  }
  await agent.says(/clock of this host is 36\d\d\.\d s (ahead of|behind) the server/);
  for (const { faults, missed } of await accountsOnceReported(kept, [check], Date.now(), agent.stop)) {
    expect(faults).toEqual([]);
    expect(missed.clock_stepped ?? 0).toBe(0);
  }
  expect(kept.runs.filter(({ flags }) => flags?.includes('repeated'))).toEqual([]);
});
