import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIdentity } from '../identity/agent-identity.ts';
import { openState } from '../spool/spool-state.ts';
import { checkAgentFolder, keepAgentFolder } from './completeness.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-complete-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts and ends an agent's files, as `startAgent` does. */
function run(nowMs: number): { readonly epoch: number; readonly lost: readonly string[] } {
  const { lastEpoch, lost } = checkAgentFolder(folder);
  const identity = openIdentity(folder);
  const state = openState(join(folder, 'spool'), Math.max(nowMs, lastEpoch + 1));
  state.saveCursors();
  state.markAlive(nowMs);
  keepAgentFolder(folder, state.epoch);
  identity.pin(7, ['fingerprint']);
  state.close();
  return { epoch: state.epoch, lost };
}

test.each(['missing', 'empty'])(
  'a folder whose key is %s beside the others is refused, and no new key is made',
  (how) => {
    run(1000);
    rmSync(join(folder, 'agent-key.pem'));
    if (how === 'empty') writeFileSync(join(folder, 'agent-key.pem'), '');
    const before = readdirSync(folder);
    expect(() => run(2000)).toThrow(
      new RegExp(`agent-key\\.pem is ${how}, and .* belongs to an agent: put the file back`),
    );
    for (const name of ['folder.json', 'server.json']) {
      rmSync(join(folder, name));
      expect(() => run(2000)).toThrow(/agent-key\.pem/);
    }
    expect(readdirSync(folder)).toEqual(before.filter((name) => !['folder.json', 'server.json'].includes(name)));
  },
);

test('a spool that is gone is named, and its epoch is not given again although the clock went back', () => {
  expect(run(5000)).toEqual({ epoch: 5000, lost: [] });
  expect(run(6000)).toEqual({ epoch: 6000, lost: [] });
  rmSync(join(folder, 'spool'), { recursive: true });
  const { epoch, lost } = run(1000);
  expect(epoch).toBe(6001);
  expect(lost).toEqual([
    expect.stringMatching(/epoch, cursors, drops, alive are missing or empty: results that were not/),
  ]);
  writeFileSync(join(folder, 'spool', 'drops'), '');
  rmSync(join(folder, 'server.json'));
  expect(run(7000).lost).toEqual([
    expect.stringMatching(/server\.json is missing or empty: the agent no longer knows its server/),
    expect.stringMatching(/, drops is missing or empty/),
  ]);
});

test('the folder of an earlier version, which has no manifest, is complete', () => {
  run(1000);
  rmSync(join(folder, 'folder.json'));
  expect(run(2000)).toEqual({ epoch: 2000, lost: [] });
  rmSync(join(folder, 'folder.json'));
  rmSync(join(folder, 'spool'), { recursive: true });
  expect(run(3000).lost).toEqual([expect.stringMatching(/, epoch is missing or empty/)]);
});
