import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { builtFile } from '../namespaces/built-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-life-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const lab = pathToFileURL(builtFile('index.js')).href;

const program = `
  import { openLab } from '${lab}';
  const lab = await openLab({ services: [{ kind: 'http' }] });
  const sleeper = lab.measuring.spawn('sleep', ['1000'], { stdio: 'ignore' });
  const plain = lab.measuring.spawn('sleep', ['1000'], { stdio: 'ignore', unprivileged: true });
  const { code } = await lab.measuring.exec('ping', ['-n', '-c', '1', lab.services.address4]);
  console.log(JSON.stringify({ code, pids: [lab.measuring.pid, lab.services.pid, sleeper.pid, plain.pid] }));
`;

test('when the process that opened a lab is killed, nothing of the lab remains', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${program}; setInterval(() => {}, 1000);`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  const { code, pids } = await firstLine(child);
  const members = [...pids, ...namespaceMembers(pids[0] ?? 0), ...namespaceMembers(pids[1] ?? 0)];
  expect(code).toBe(0);
  // The two keepers, the two sleepers, the emulator and the services.
  expect(new Set(members).size).toBeGreaterThanOrEqual(6);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => members.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});

/** The output of the program; fails when it ended without any. */
async function firstLine(child: ChildProcess): Promise<{ code: number; pids: number[] }> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the program ended with code ${code}`)));
  const [line] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
  ended.catch(() => {});
  return JSON.parse(String(line));
}

function namespaceMembers(pid: number): number[] {
  const link = (id: number | string): string => spawnSync('readlink', [`/proc/${id}/ns/net`]).stdout.toString();
  const wanted = link(pid);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && link(name) === wanted)
    .map(Number);
}

test('closing a lab removes the log and ends all processes', async () => {
  const closing = `${program}; await lab.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', closing], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  // The processes that it started itself end with it, not before.
  onTestFinished(() => void child.kill('SIGKILL'));
  const { pids } = await firstLine(child);
  await expect.poll(() => pids.slice(0, 2).filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  await expect.poll(() => readdirSync(folder)).toEqual([]);
});

test('a user without privileges opens a lab in a user namespace', () => {
  const whole = `${program}; sleeper.kill('SIGKILL'); plain.kill('SIGKILL'); await lab.close();`;
  const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const node = [process.execPath, '--input-type=module', '-e', whole];
  const [file = '', ...args] = process.getuid?.() === 0 ? ['setpriv', ...asNobody, ...node] : node;
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    cwd: '/',
    env: { ...process.env, TMPDIR: '/tmp', HOME: '/tmp' },
  });
  // Some hosts keep the device to root: there a user without privileges must learn why there is no lab.
  if (!isTunOpenToAll()) {
    expect(stderr).toContain('The lab needs /dev/net/tun readable and writable');
    expect(status).not.toBe(0);
    return;
  }
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ code: 0 });
});

const isTunOpenToAll = (): boolean => (statSync('/dev/net/tun').mode & 0o006) === 0o006;
