import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataFolder } from './data-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const compiled = fileURLToPath(new URL('../../dist/store/data-lock.js', import.meta.url));
const HOLD = `const { lockDataFolder } = await import(process.argv[1]); lockDataFolder(process.argv[2]); console.log('held'); setInterval(() => {}, 1000);`;

async function holder(before: readonly string[] = []) {
  const command = [...before, process.execPath, '--input-type=module', '-e', HOLD, compiled, folder];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('a second process is refused with the folder and the pid of the first, even after kill -9 of an earlier one', async () => {
  for (let round = 0; round < 2; round += 1) {
    const child = await holder();
    expect(() => lockDataFolder(folder)).toThrow(new RegExp(`${folder} is in use by process ${child.pid}:`));
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  lockDataFolder(folder).release();
});

test('the lock holds against a process in another process namespace, until that one is killed', async () => {
  const child = await holder(['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']);
  expect(() => lockDataFolder(folder)).toThrow(`${folder} is in use by process 1`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => lockedOnce()).toBe(true);
});

function lockedOnce(): boolean {
  try {
    lockDataFolder(folder).release();
    return true;
  } catch {
    return false;
  }
}

test('a process cannot lock a folder twice, and can lock it again after release', () => {
  const lock = lockDataFolder(folder);
  expect(() => lockDataFolder(folder)).toThrow(/in use/);
  lock.release();
  lock.release();
  lockDataFolder(folder).release();
});

test('the error of a folder that cannot be created names the folder', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  expect(() => lockDataFolder(join(file, 'data'))).toThrow(file);
});
