import { join } from 'node:path';
import type { AgentRecord } from '@netsonde/protocol';
import type { Agent } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent, type TestAgent } from '../api/agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';
import { Database } from '../store/sqlite-driver.ts';

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;
beforeEach(async () => {
  server = await startServer();
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'a1' });
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

/** A result of a check that this server never made. */
const unplanned = (seq: number): AgentRecord =>
  ({ t: 'run', seq, check: 77, target: 5, at: 1_700_000_000_000 + seq, verdict: 'up' }) as AgentRecord;

/** Sends one frame. @returns the reasons of refused records */
async function send(...items: AgentRecord[]): Promise<readonly string[]> {
  agent.send({ type: 'records', kind: 'live', epoch: 1, items });
  const answer = await agent.settled();
  return answer.type === 'refused' ? [answer.reason] : [];
}

interface Page {
  readonly frames: readonly { readonly epoch: number; readonly records: readonly AgentRecord[] }[];
  readonly next: number | null;
}

const path = () => `/agents/${agent.id}/unplanned`;
const read = (query = '') => server.call<Page>('GET', `${path()}${query}`, undefined, admin);
const view = async () => (await server.call<Agent>('GET', `/agents/${agent.id}`, undefined, admin)).body;

test('unplanned records are read in pages, as they were sent, and deleted by an administrator only', async () => {
  for (let seq = 0; seq < 6; seq += 2) expect(await send(unplanned(seq), unplanned(seq + 1))).toEqual([]);
  const found: AgentRecord[] = [];
  let pages = 0;
  for (let after: number | null = 0; after !== null; pages += 1) {
    const { body }: { body: Page } = await read(`?limit=2&after=${after}`);
    for (const frame of body.frames) {
      expect(frame.epoch).toBe(1);
      found.push(...frame.records);
    }
    after = body.next;
  }
  expect(pages).toBe(2);
  expect(found).toEqual([0, 1, 2, 3, 4, 5].map(unplanned));
  expect((await view()).unplanned).toMatchObject({ records: 6 });
  const editor = await tokenOf(server, admin, 'editor');
  expect((await server.call('DELETE', path(), undefined, editor)).status).toBe(403);
  expect((await server.call('GET', path(), undefined, editor)).status).toBe(403);
  expect((await server.call('DELETE', path(), undefined, admin)).status).toBe(204);
  expect((await read()).body).toEqual({ frames: [], next: null });
  expect((await view()).unplanned).toBeNull();
  const { body } = await server.call<{ entries: { action: string }[] }>('GET', '/audit', undefined, admin);
  expect(body.entries.map(({ action }) => action)).toContain('agent.forget_unplanned');
});

test('unplanned records beyond the space of an agent are refused, and accepted again once they are deleted', async () => {
  const db = new Database(join(server.folder, 'results', 'intake.db'));
  db.prepare('INSERT INTO unplanned_total VALUES (?, 100000, 100000, 1, 1, NULL)').run(agent.id);
  db.close();
  expect(await send(unplanned(0))).toEqual([expect.stringContaining('is used up')]);
  expect((await view()).refused).toEqual({ unplanned_full: 1 });
  expect((await server.call('DELETE', path(), undefined, admin)).status).toBe(204);
  expect(await send(unplanned(1))).toEqual([]);
  expect((await view()).unplanned).toMatchObject({ records: 1 });
});
