import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunningAgent } from '../agent.ts';
import { type ScriptedServer, scriptedServer } from '../scripted-server.test-support.ts';

let folder: string;
let server: ScriptedServer;
let agent: RunningAgent;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-endless-'));
  server = await scriptedServer(folder, { heartbeatMs: 5000 });
  agent = await server.agent();
  await vi.waitFor(() => expect(server.sessions).toBe(1), 10_000);
});
afterEach(async () => {
  await agent.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const assigned = () => server.heard.flatMap((message) => (message.type === 'assigned' ? [message.revision] : []));
const refusals = () => server.lines.filter((line) => line.includes('refused: it'));
const hash = '0'.repeat(64);
const padding = 'x'.repeat(700);

/** Sends the first parts of an assignment, as fast as the agent reads. */
async function sendParts(revision: number, parts: number, count: number, checksEach: number): Promise<void> {
  for (let part = 0; part < count; part += 1) {
    const checks = Array.from({ length: checksEach }, (_, i) => ({ check: part * checksEach + i + 1, padding }));
    server.send({ type: 'assign', revision, hash, part, parts, checks });
    while (server.socket().bufferedAmount > 1_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test.each([
  ['parts', 1_000_000_000, 20, 10, /: it has more than 1024 parts; the one before stays in force$/],
  ['bytes', 1000, 620, 80, /: it has more than 32 MiB; the one before stays in force$/],
])(
  'an assignment of too many %s is refused once, and the session and the one before go on',
  async (_what, parts, count, each, line) => {
    server.assign([], 1);
    await sendParts(2, parts, count, each);
    server.assign([], 3);
    await vi.waitFor(() => expect(assigned()).toEqual([1, 3]), 30_000);
    expect(refusals()).toEqual([expect.stringMatching(line)]);
    expect(server.sessions).toBe(1);
  },
);
