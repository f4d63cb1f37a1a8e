import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentKeyIn, serverKeysIn } from '@netsonde/agent';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agentFolder, chooseAgentFolder } from './agent-folder.ts';

let dataFolder: string;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'netsonde-own-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

test('an own agent whose key file is gone is set aside with its spool, for that reason', async () => {
  const folder = agentFolder(dataFolder);
  mkdirSync(join(folder, 'spool'), { recursive: true });
  writeFileSync(join(folder, 'server.json'), '{"agentId":1,"fingerprints":["f"]}');
  writeFileSync(join(folder, 'policy.json'), '{}');
  const chosen = await chooseAgentFolder(dataFolder, {
    holder: () => null,
    keyIn: agentKeyIn,
    wasEnrolled: (one) => serverKeysIn(one) !== null,
    standing: async () => 'enrolled',
  });
  const aside = chosen.setAside?.folder ?? '';
  expect(chosen).toEqual({ folder, setAside: { folder: aside, why: 'key_lost' } });
  expect(readdirSync(aside).toSorted()).toEqual(['policy.json', 'server.json', 'spool']);
  expect(readdirSync(folder)).toEqual(['policy.json']);
});
