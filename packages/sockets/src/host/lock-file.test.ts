import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFile } from './index.ts';
import type { LockedFile } from './lock-file.ts';

describe.skipIf(process.platform === 'win32')('a file lock', () => {
  let folder: string;
  let path: string;
  let others: ChildProcess[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netsonde-flock-'));
    path = join(folder, 'lock');
    others = [];
  });
  afterEach(() => {
    for (const other of others) other.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function locked(): LockedFile {
    const lock = lockFile(path);
    if (lock.outcome !== 'locked') throw new Error(`not locked: ${lock.outcome}`);
    return lock;
  }

  test('refuses a second holder, returns the text of the first, and leaves the file when it is released', () => {
    const first = locked();
    writeSync(first.fd, 'the first holder');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(lockFile(path)).toEqual({ outcome: 'in_use', text: 'the first holder' });
    first.release();
    expect(readFileSync(path, 'utf8')).toBe('the first holder');
    const second = locked();
    expect(second.text).toBe('the first holder');
    first.release();
    expect(lockFile(path).outcome).toBe('in_use');
    second.release();
  });

  test('sees a lock of the flock program, and is free once that process was killed', async () => {
    const other = spawn('flock', ['-n', path, '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    others.push(other);
    await once(other.stdout, 'data');
    expect(lockFile(path).outcome).toBe('in_use');
    const ended = once(other, 'exit');
    process.kill(-(other.pid ?? 0), 'SIGKILL');
    await ended;
    await expect.poll(() => lockFileOnce(path)).toBe('locked');
  });

  test('notices that the locked file was deleted or replaced', () => {
    const lock = locked();
    expect(lock.inPlace()).toBe(true);
    unlinkSync(path);
    expect(lock.inPlace()).toBe(false);
    writeFileSync(path, '');
    expect(lock.inPlace()).toBe(false);
    lock.release();
  });
});

function lockFileOnce(path: string): string {
  const lock = lockFile(path);
  if (lock.outcome === 'locked') lock.release();
  return lock.outcome;
}
