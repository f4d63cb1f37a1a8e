import type { LedgerRow } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exchange, requestText } from '../http/raw-request.test-support.ts';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from './server.test-support.ts';

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;

beforeEach(async () => {
  server = await startServer();
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'a1' });
  const targets = Array.from({ length: 7 }, (_, i) => ({ address: `192.0.2.${i + 1}` }));
  const agents = { by: 'chosen', agents: [agent.id] };
  const plan = { name: 'plan', targets, checks: [{ probe: 'icmp' }], agents, interval: 1, duration: null };
  expect((await server.call('POST', '/tests', plan, admin)).status).toBe(201);
  await agent.obey((checks) => checks.length === 1);
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

interface Ledger {
  readonly rows: readonly LedgerRow[];
  readonly next: string | null;
}

const ledger = async (query: string): Promise<Ledger> =>
  (await server.call<Ledger>('GET', `/ledger${query}`, undefined, admin)).body;

test('the ledger is returned in pages, each row once', async () => {
  await expect.poll(async () => (await ledger('')).rows.length).toBe(7);
  const whole = await ledger('');
  expect(whole.next).toBeNull();
  const seen: number[] = [];
  const sizes: number[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page: Ledger = await ledger(`?limit=3${next === '' ? '' : `&cursor=${next}`}`);
    seen.push(...page.rows.map(({ target }) => target));
    sizes.push(page.rows.length);
    next = page.next;
  }
  expect(sizes).toEqual([3, 3, 1]);
  expect(seen).toEqual(whole.rows.map(({ target }) => target));
  for (const query of ['limit=0', 'limit=10001', 'cursor=x', 'cursor=1.2'])
    expect((await server.call('GET', `/ledger?${query}`, undefined, admin)).status).toBe(422);
});

test.each(['/ledger', '/overview', '/tests/1/results'])(
  'a caller with too many questions under way at %s gets 429, and another caller an answer',
  async (path) => {
    const { bearer = '' } = await tokenOf(server, admin, 'viewer');
    const request = (last: boolean) =>
      requestText(server.url, 'GET', `/api/v1${path}`, {
        authorization: `Bearer ${bearer}`,
        connection: last ? 'close' : 'keep-alive',
      });
    // Pipelined in one write: all of them are under way before the first is answered.
    const text = await exchange(server.url, Array.from({ length: 60 }, (_, i) => request(i === 59)).join(''));
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    expect(statuses).toHaveLength(60);
    expect(new Set(statuses)).toEqual(new Set(['200', '429']));
    expect(text).toMatch(/retry-after: 1\r\n/i);
    expect((await server.call('GET', path, undefined, admin)).status).toBe(200);
  },
);
