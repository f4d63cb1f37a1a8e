import { join } from 'node:path';
import type { Test } from '@netsonde/protocol/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../store/sqlite-driver.ts';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from './server.test-support.ts';

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;

beforeAll(async () => {
  server = await startServer();
  const first = await setUp(server);
  admin = await tokenOf(server, first, 'admin');
  agent = await connectAgent(server, admin, { name: 'a1' });
});
afterAll(async () => {
  await agent.close();
  await server.close();
});

const input = (probe: string) => ({
  name: `the ${probe}`,
  targets: [{ address: 'http://127.0.0.1:1/' }],
  checks: [{ probe }, { probe: 'icmp' }],
  agents: { by: 'labels', labels: {} },
});

/** Writes the first check's options as an older version may have stored them. */
async function asStored(id: number, columns: { options?: string; probe?: string }): Promise<Test> {
  const db = new Database(join(server.folder, 'netsonde.db'));
  for (const [column, value] of Object.entries(columns))
    db.prepare(`UPDATE "check" SET ${column} = ? WHERE test_id = ? AND position = 0`).run(value, id);
  db.close();
  await server.call('POST', `/tests/${id}/stop`, undefined, admin);
  return (await server.call<Test>('POST', `/tests/${id}/start`, undefined, admin)).body;
}

test.each([
  [
    'options larger than an agent takes',
    { options: JSON.stringify({ method: 'POST', body: 'x'.repeat(60_000) }) },
    /40 KiB/,
  ],
  ['an option of another version', { options: '{"colour":"red"}' }, /edit the test/],
  ['options that are no JSON', { options: '{' }, /cannot be read/],
  ['a probe of another version', { probe: 'semaphore' }, /no probe semaphore/],
])('%s: the check says so and runs nowhere, its neighbours run', async (_what, columns, fault) => {
  const { body: made } = await server.call<Test>('POST', '/tests', input('http'), admin);
  const [broken, sound] = made.checks.map(({ id }) => id);
  await agent.obey((checks) => checks.some(({ check }) => check === broken));
  const read = await asStored(made.id, columns);
  expect(read.checks.map(({ id, fault }) => [id, fault ?? null])).toEqual([
    [broken, expect.stringMatching(fault)],
    [sound, null],
  ]);
  expect(read.warnings.join()).toMatch(fault);
  expect(read.warnings.join()).not.toMatch(/No agent runs/);
  const running = await agent.obey((checks) => checks.some(({ check }) => check === sound));
  expect(running.map(({ check }) => check)).not.toContain(broken);
  const fixed = await server.call<Test>('PUT', `/tests/${made.id}`, input('http'), admin);
  expect(fixed.body.checks.map(({ fault }) => fault)).toEqual([undefined, undefined]);
  await agent.obey((checks) => checks.filter(({ test: of }) => of === made.id).length === 2);
  expect((await server.call('DELETE', `/tests/${made.id}`, undefined, admin)).status).toBe(204);
});
