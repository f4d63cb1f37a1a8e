import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { account } from './expected-runs.ts';
import { type Ground, layGround, pause, until } from './ground.ts';
import { type SessionServer, startSessionServer } from './session-server.ts';

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

test('a small disk that another process fills and frees: what was lost is counted with its owner, then all goes on', async () => {
  const { kept } = ground;
  const disk = join(ground.folder, 'disk');
  mkdirSync(disk);
  const check = ground.check(1, 100, 40, Date.now() + 2500);
  server.assign([check]);
  const flags = { server: server.url, token: await server.token(), name: 'a', data: join(disk, 'agent') };
  const agent = startAgentProcess(flags, {
    wrapper: ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs -o size=6m tmpfs ${disk} && exec "$@"`, 'sh'],
    parts: { spoolLimits: { segmentBytes: 65_536, memoryBytes: 100_000, minFreeBytes: 0 } },
  });
  agents.push(agent);
  await agent.says('open', 40_000);
  await until('something is stored', () => kept.runs.length > 100);
  await server.vanish();
  await pause(500);
  fill(agent, disk);
  await agent.says('the disk takes no records', 20_000);
  await pause(3000);
  onItsDisk(agent, 'rm', join(disk, 'hog'));
  await agent.says('the disk takes records again');
  server = await startSessionServer(ground.folder, kept, { port: server.port, checks: [check] });
  await until('the losses are reported', () => kept.drops.length > 0, 40_000);
  const live = kept.runs.length;
  await until('results flow again', () => kept.runs.length > live + 100);
  await pause(1500);
  const before = Date.now() - 500;
  await agent.stop();
  const lost = check.targets.map(({ target }) => {
    const { faults, dropped } = account(kept, check, target, before);
    expect(faults).toEqual([]);
    return dropped.disk_full ?? 0;
  });
  expect(lost.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
}, 90_000);

test('killed on a full disk: the next life accounts for what never reached the disk', async () => {
  const { kept } = ground;
  const disk = join(ground.folder, 'disk');
  mkdirSync(disk);
  const check = ground.check(1, 100, 5, Date.now() + 2500);
  server.assign([check]);
  const flags = { server: server.url, token: await server.token(), name: 'a', data: join(disk, 'agent') };
  const script = `mount -t tmpfs -o size=6m tmpfs ${disk} && "$@"; rm -f ${disk}/hog; exec "$@"`;
  const agent = startAgentProcess(flags, { wrapper: ['unshare', '--mount', 'sh', '-c', script, 'sh'] });
  agents.push(agent);
  await agent.says('open', 40_000);
  await until('something is stored', () => kept.runs.length > 20);
  fill(agent, disk);
  await agent.says('the disk takes no records', 20_000);
  await pause(1000);
  const [first] = execFileSync('pgrep', ['-P', String(agent.child.pid)], { encoding: 'utf8' }).split('\n');
  process.kill(Number(first), 'SIGKILL');
  await until('the agent is back', () => agent.output().split('open\n').length === 3);
  await until('its gap is told', () => kept.missed.some(({ reason }) => reason === 'killed_mid_run'), 40_000);
  await pause(2000);
  const before = Date.now() - 500;
  await agent.stop();
  for (const { target } of check.targets) expect(account(kept, check, target, before).faults).toEqual([]);
}, 90_000);
