import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIdentity } from '../identity/agent-identity.ts';
import { SegmentWriter } from '../spool/segment-writer.ts';
import { openState } from '../spool/spool-state.ts';
import { takeDataFolder } from './data-folder.ts';
import { keepPrivate } from './private-data.ts';

let folder: string;
let umask: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-private-'));
  chmodSync(folder, 0o755);
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true });
});

test("an agent's files are its user's alone, also in an open folder without a umask, and wider modes are fixed", () => {
  const taken = takeDataFolder(folder);
  openIdentity(folder);
  const spool = join(folder, 'spool');
  const state = openState(spool, 1000);
  state.saveCursors();
  const segment = new SegmentWriter(spool, { epoch: state.epoch, firstSeq: 1 });
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(files.length).toBeGreaterThan(7);
  expect(files.filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
  expect(keepPrivate(folder)).toEqual([]);

  const key = join(folder, 'agent-key.pem');
  const epoch = join(spool, 'epoch');
  chmodSync(key, 0o640);
  chmodSync(epoch, 0o666);
  writeFileSync(join(folder, 'policy.json'), '{}');
  expect(keepPrivate(folder)).toEqual([key, epoch]);
  expect([key, epoch].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(statSync(join(folder, 'policy.json')).mode & 0o777).toBe(0o666);
  segment.close();
  state.close();
  taken.release();
});
