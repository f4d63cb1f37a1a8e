import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultLimits } from './limits.ts';
import { openSpool, Spool } from './spool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (at: number) =>
  ({ t: 'missed', check: 1, target: 2, from: at, to: at, count: 1, reason: 'budget' }) as const;

test('a spool whose folder was removed reports it, still answers, and closes', async () => {
  const spool = await openSpool(join(folder, 'spool'), defaultLimits(folder), { nowMs: Date.now(), line: null });
  const warnings: string[] = [];
  spool.listen({ kept: () => {}, warn: (message) => void warnings.push(message) });
  spool.append(record(1000), (same) => same);
  await spool.flushed();
  rmSync(folder, { recursive: true });
  spool.append(record(2000), (same) => same);
  await spool.flushed();
  expect(await spool.status()).toMatchObject({ records: 2, oldestAt: 1000 });
  expect(warnings[0]).toMatch(
    /^the disk takes no records \(ENOENT.*\): the newest wait in memory; put .* back where it was, or start the agent again$/,
  );
  await spool.close();
});

test('all pending calls end when the thread of the spool dies', async () => {
  const worker = new Worker(
    `require('node:worker_threads').parentPort.on('message', () => { throw new Error('out of memory'); })`,
    { eval: true },
  );
  const spool = new Spool(worker, { type: 'open', epoch: 1, lastAliveMs: null, cursors: [] }, []);
  const fault =
    'the spool failed (out of memory): start the agent again, which counts what was not on the disk as missed';
  await expect(spool.status()).rejects.toThrow(fault);
  expect(await spool.died).toBe(fault);
  await expect(spool.drops()).rejects.toThrow(fault);
  await spool.flushed();
  await spool.close();
});
