import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { evenLedger } from './even-ledger.ts';
import { pause } from './ground.ts';
import { test as base } from './real-ground.test-support.ts';

/** Provides a test with a small `disk`, which is unmounted before the workspace is removed. */
const test = base.extend('disk', ({ here, onTestFinished }): string => {
  const disk = join(here.ground.folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]));
  return disk;
});

/** Another process uses all the space that is left, to the last byte. */
function fill(disk: string): void {
  for (const size of ['64k', '4k'])
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, `hog-${size}`)}`, `bs=${size}`], { stdio: 'ignore' });
}

test('when another process fills and frees the disk of the server, both ends say what to do, and all records arrive', async ({
  here,
  disk,
}) => {
  const real = await here.lay({ serverFolder: join(disk, 'server') });
  const question = await real.test(100);
  fill(disk);
  await real.agent.says(/on the server: the disk of .*server.* is full: free space on it/, 60_000);
  expect(real.server.output()).toMatch(/the disk of .*server.* is full: free space on it/);
  await pause(4000);
  for (const size of ['64k', '4k']) rmSync(join(disk, `hog-${size}`), { force: true });
  const before = await real.stored(question.test);
  while ((await real.stored(question.test)) < before + 30) await pause(200);
  const { faults, dropped } = await evenLedger(real.api, { ...question, toMs: Date.now() - 300 });
  expect(faults).toEqual([]);
  expect(dropped).toEqual({});
  expect(real.server.running()).toBe(true);
}, 180_000);
