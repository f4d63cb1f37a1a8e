import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFolderHolder, takeDataFolder } from './data-folder.ts';

const BUILT = fileURLToPath(new URL('../../dist/folder/data-folder.js', import.meta.url));
/** Takes a folder and prints what came of it in one line; holds it until it is killed. */
const TAKE = `const { takeDataFolder } = await import(process.argv[1]);
try { takeDataFolder(process.argv[2]); console.log('taken'); setInterval(() => {}, 1000); }
catch (error) { console.log(error.message); }`;
/** What an agent of version 0.1 does with a lock file that there is. */
const EARLIER = `const fs = require('node:fs');
const [pid = '', start = ''] = fs.readFileSync(process.argv[1], 'utf8').trim().split(' ');
const stat = (id) => { try { const s = fs.readFileSync('/proc/' + id + '/stat', 'utf8'); return s.slice(s.lastIndexOf(')') + 2).split(' ')[19]; } catch { return null; } };
const alive = (id) => { try { process.kill(id, 0); return true; } catch (e) { return e.code === 'EPERM'; } };
console.log(/^\\d+$/.test(pid) && alive(Number(pid)) && (start === '' || stat(pid) === start) ? 'refused by ' + pid : 'free');`;

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-folder-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) await kill(child);
  rmSync(folder, { recursive: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function start(command: readonly string[]): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

const agent = () => [process.execPath, '--input-type=module', '-e', TAKE, BUILT, folder];
const inNamespace = (command: readonly string[]) => [
  'unshare',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  ...command,
];
const earlierAgent = () => firstLine(start([process.execPath, '-e', EARLIER, join(folder, 'lock')]));

test('of two agents in two process namespaces on one folder the second is refused and told where the first runs', async () => {
  const first = start(inNamespace(agent()));
  expect(await firstLine(first)).toBe('taken');
  const refusal = await firstLine(start(inNamespace(agent())));
  expect(refusal).toMatch(
    /^--data: .* is in use by another agent \(process 1 in another container of this host, process namespace \d+\): stop it, or choose another folder$/,
  );
  expect(dataFolderHolder(folder)).toMatch(/^process 1 in another container/);
  await kill(first);
  const next = start(inNamespace(agent()));
  expect(await firstLine(next)).toBe('taken');
  expect(await firstLine(start(inNamespace(agent())))).toMatch(/in use by another agent \(process 1 in another/);
});

test('an agent keeps one of an earlier version out while it runs, and not after kill -9 or its end', async () => {
  const running = start(agent());
  await firstLine(running);
  expect(await earlierAgent()).toBe(`refused by ${running.pid}`);
  await kill(running);
  expect(await earlierAgent()).toBe('free');
  takeDataFolder(folder).release();
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('');
  expect(await earlierAgent()).toBe('free');
});

test('an agent of an earlier version that runs keeps the folder, and its lock file does not once it has ended', async () => {
  const earlier = start(['sleep', '60']);
  const stat = readFileSync(`/proc/${earlier.pid}/stat`, 'utf8');
  const begun = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  writeFileSync(join(folder, 'lock'), `${earlier.pid} ${begun}\n`);
  expect(() => takeDataFolder(folder)).toThrow(`in use by another agent (process ${earlier.pid})`);
  expect(dataFolderHolder(folder)).toBe(`process ${earlier.pid}`);
  await kill(earlier);
  expect(dataFolderHolder(folder)).toBeNull();
  takeDataFolder(folder).release();
});

test('one process takes a folder once, whatever path leads to it, and again after its release', () => {
  const taken = takeDataFolder(folder);
  expect(taken.weakness).toBeNull();
  expect(statSync(join(folder, 'lock')).mode & 0o777).toBe(0o600);
  expect(() => takeDataFolder(`${folder}/../${folder.split('/').at(-1)}`)).toThrow('another agent (of this process)');
  taken.release();
  expect(dataFolderHolder(folder)).toBeNull();
  takeDataFolder(folder).release();
});
