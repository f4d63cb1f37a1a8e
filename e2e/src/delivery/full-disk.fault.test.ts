import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AgentProcess } from './agent-process.ts';
import { accountsOnceReported } from './expected-runs.ts';
import { pause, until } from './ground.ts';
import { test } from './meeting.test-support.ts';
import { startSessionServer } from './session-server.ts';

/** Runs a command in the agent's own mount namespace, where its small disk is. */
function onItsDisk(agent: AgentProcess, ...command: readonly string[]): void {
  execFileSync('nsenter', ['--mount', '--target', String(agent.child.pid), ...command], { stdio: 'ignore' });
}

function fill(agent: AgentProcess, disk: string): void {
  try {
    onItsDisk(agent, 'dd', 'if=/dev/zero', `of=${join(disk, 'hog')}`, 'bs=64k');
  } catch {
    return;
  }
  throw new Error('the disk took more than it has');
}

test.concurrent('losses on a small disk that another process fills and frees are counted with their owner, then recording continues', async ({
  here,
}) => {
  const { ground, server } = here;
  const { kept } = ground;
  const disk = join(ground.folder, 'disk');
  mkdirSync(disk);
  const check = ground.check(1, 100, 40, Date.now() + 2500);
  server.assign([check]);
  const flags = { token: await server.token(), data: join(disk, 'agent') };
  const agent = await here.startProcess(flags, {
    wrapper: ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs -o size=6m tmpfs ${disk} && exec "$@"`, 'sh'],
    parts: { spoolLimits: { segmentBytes: 65_536, memoryBytes: 100_000, minFreeBytes: 0 } },
  });
  await until('something is stored', () => kept.runs.length > 100);
  await server.vanish();
  await pause(500);
  fill(agent, disk);
  await agent.says('the disk takes no records', 20_000);
  await pause(3000);
  onItsDisk(agent, 'rm', join(disk, 'hog'));
  await agent.says('the disk takes records again');
  here.server = await startSessionServer(ground.folder, kept, { port: server.port, checks: [check] });
  await until('the losses are reported', () => kept.drops.length > 0, 40_000);
  const live = kept.runs.length;
  await until('results flow again', () => kept.runs.length > live + 100);
  const accounts = await accountsOnceReported(kept, [check], Date.now(), agent.stop);
  const lost = accounts.map(({ faults, dropped }) => {
    expect(faults).toEqual([]);
    return dropped.disk_full ?? 0;
  });
  expect(lost.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
}, 90_000);

test.concurrent('after a kill on a full disk, the next process accounts for what never reached the disk', async ({
  here,
}) => {
  const { ground, server } = here;
  const { kept } = ground;
  const disk = join(ground.folder, 'disk');
  mkdirSync(disk);
  const check = ground.check(1, 100, 5, Date.now() + 2500);
  server.assign([check]);
  const flags = { token: await server.token(), data: join(disk, 'agent') };
  const script = `mount -t tmpfs -o size=6m tmpfs ${disk} && "$@"; rm -f ${disk}/hog; exec "$@"`;
  const agent = await here.startProcess(flags, { wrapper: ['unshare', '--mount', 'sh', '-c', script, 'sh'] });
  await until('something is stored', () => kept.runs.length > 20);
  fill(agent, disk);
  await agent.says('the disk takes no records', 20_000);
  await pause(1000);
  const [first] = execFileSync('pgrep', ['-P', String(agent.child.pid)], { encoding: 'utf8' }).split('\n');
  process.kill(Number(first), 'SIGKILL');
  await until('the agent is back', () => agent.output().split('open\n').length === 3);
  await until('its gap is reported', () => kept.missed.some(({ reason }) => reason === 'killed_mid_run'), 40_000);
  const accounts = await accountsOnceReported(kept, [check], Date.now(), agent.stop);
  for (const { faults } of accounts) expect(faults).toEqual([]);
}, 90_000);
