import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countInstants } from '@netsonde/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunningAgent } from '../agent.ts';
import { gridOf } from '../schedule/duties.ts';
import { type ScriptedServer, scriptedServer } from '../scripted-server.test-support.ts';

let folder: string;
let server: ScriptedServer;
let agent: RunningAgent;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-far-'));
  server = await scriptedServer(folder);
  agent = await server.agent();
  await vi.waitFor(() => expect(server.sessions).toBe(1), 10_000);
});
afterEach(async () => {
  await agent.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const checkOf = (check: number, fields: Record<string, unknown> = {}) => ({
  check,
  test: 1,
  probe: 'tcp',
  options: {},
  expectations: [],
  intervalMs: 500,
  startMs: Date.now(),
  endMs: null as null,
  targets: [{ target: 1, address: `127.0.0.1:${server.targetPort}` }],
  ...fields,
});
const runsOf = (check: number) => server.records.filter((record) => record.t === 'run' && record.check === check);
/** Reasons of instants before the agent knew of the check. */
const BEFORE: readonly string[] = ['agent_off', 'not_assigned_yet'];
const isBlamingDisk = (line: string) => /disk/.test(line);

test('more missed instants than a record has room for come in several records, and other checks go on', async () => {
  const far = checkOf(2, { intervalMs: 100, startMs: 0 });
  server.assign([checkOf(1), far]);
  await vi.waitFor(() => expect([runsOf(1).length > 1, runsOf(2).length > 1]).toEqual([true, true]), 15_000);
  const missed = server.records.filter((record) => record.t === 'missed' && record.check === 2);
  const before = missed.filter((record) => record.t === 'missed' && BEFORE.includes(record.reason));
  expect(before.length).toBeGreaterThan(4);
  let [at, count] = [-1, 0];
  const grid = gridOf(1, far, 1);
  for (const record of before) {
    if (record.t !== 'missed') throw new Error(record.t);
    expect(record.from).toBeGreaterThan(at);
    expect(record.count).toBeLessThan(2 ** 32);
    expect(record.count).toBe(countInstants(grid, record.from, record.to + 1));
    at = record.to;
    count += record.count;
  }
  expect(count).toBe(countInstants(grid, 0, at + 1));
  expect(server.lines.filter(isBlamingDisk)).toEqual([]);
});

test('a check or target whose id the spool has no room for is refused by name, and other checks go on', async () => {
  const wide = 5_000_000_000;
  const address = `127.0.0.1:${server.targetPort}`;
  server.assign([checkOf(1), checkOf(3, { targets: [{ target: wide, address }] }), checkOf(wide)]);
  await vi.waitFor(() => expect(runsOf(1).length).toBeGreaterThan(1), 15_000);
  const assigned = server.heard.find(({ type }) => type === 'assigned');
  expect(assigned).toMatchObject({
    refused: [
      {
        check: 3,
        reason: expect.stringMatching(/^targets\[0\]\.target: .*4294967295.*: nothing is scheduled for it$/),
      },
      { check: wide, reason: expect.stringMatching(/^check: .*4294967295.*: nothing is scheduled for it$/) },
    ],
  });
  expect(server.lines.filter(isBlamingDisk)).toEqual([]);
});
