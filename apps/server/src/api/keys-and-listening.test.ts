import type { Agent, ListeningAgent, Problem, ServerKeyState } from '@netsonde/protocol/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServerKeys } from '../fleet/server-key.ts';
import { openConfigStore } from '../store/config/open-config-store.ts';
import { connectAgent } from './agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer } from './server.test-support.ts';

let server: TestServer;
let admin: Credentials;
beforeAll(async () => {
  server = await startServer();
  admin = await setUp(server);
});
afterAll(() => server.close());

const ask = <Body>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) =>
  server.call<Body>(method, path, body, admin);

test('a listening address is stored, dialled, shown with its failure, and deleted', async () => {
  const { status, body } = await ask<ListeningAgent>('POST', '/agents/listening', { url: 'http://127.0.0.1:1/' });
  expect([status, body.url, body.agent, body.lastError]).toEqual([201, 'http://127.0.0.1:1', null, null]);
  const again = await ask<Problem>('POST', '/agents/listening', { url: 'http://127.0.0.1:1' });
  expect([again.status, again.body.code]).toEqual([409, 'conflict']);
  let listed: ListeningAgent[] = [];
  for (let tries = 0; (listed[0]?.lastError ?? null) === null && tries < 200; tries++) {
    listed = (await ask<ListeningAgent[]>('GET', '/agents/listening')).body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(listed).toMatchObject([{ id: body.id, lastError: expect.stringMatching(/^nothing listens at http/) }]);
  expect((await ask('DELETE', `/agents/listening/${body.id}`)).status).toBe(204);
  expect((await ask('DELETE', `/agents/listening/${body.id}`)).status).toBe(404);
  expect((await ask<ListeningAgent[]>('GET', '/agents/listening')).body).toEqual([]);
  const audit = await ask<{ entries: { action: string }[] }>('GET', '/audit');
  const actions = audit.body.entries.map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(['listening_agent.add', 'listening_agent.delete']));
});

test.each([
  [{ url: 'http://169.254.169.254:80' }, /cloud metadata/],
  [{ url: 'file:///etc/passwd' }, /scheme/],
  [{ url: '' }, /url/],
  [{ url: 'http://127.0.0.1:1', agent: 7 }, /agent/],
  [{}, /url/],
])('%j is refused by its field', async (body, detail) => {
  const { status, body: problem } = await ask<Problem>('POST', '/agents/listening', body);
  expect([status, problem.code]).toEqual([422, 'invalid_request']);
  expect(problem.detail).toMatch(detail);
});

test('the server’s key is rotated in two steps, and new tokens pin the new key', async () => {
  const before = (await ask<ServerKeyState>('GET', '/server-key')).body;
  expect(before).toMatchObject({ former: null, waiting: [] });
  expect((await ask('POST', '/server-key/rotation/finish', {})).status).toBe(409);
  const begun = await ask<ServerKeyState>('POST', '/server-key/rotation', {});
  expect([begun.status, begun.body.former]).toEqual([201, before.fingerprint]);
  expect((await ask('POST', '/server-key/rotation', {})).status).toBe(409);
  const token = await ask<{ token: string }>('POST', '/enrolment-tokens', { name: 't', uses: 1, expiresInHours: 1 });
  expect(token.body.token.endsWith(begun.body.fingerprint)).toBe(true);
  const finished = await ask<ServerKeyState>('POST', '/server-key/rotation/finish', {});
  expect(finished.body).toEqual({ fingerprint: begun.body.fingerprint, former: null, waiting: [] });
  expect(openServerKeys(server.folder).all.map(({ fingerprint }) => fingerprint)).toEqual([begun.body.fingerprint]);
});

test('an agent too old to learn a new key blocks deletion of the old one, and a copy of the agent is shown', async () => {
  const agent = await connectAgent(server, admin, { name: 'old', knowsPins: false });
  const former = (await ask<ServerKeyState>('GET', '/server-key')).body.fingerprint;
  await ask('POST', '/server-key/rotation', {});
  const refused = await ask<Problem>('POST', '/server-key/rotation/finish', {});
  expect([refused.status, refused.body.detail]).toEqual([
    409,
    expect.stringMatching(/do not know the new key yet: old\./),
  ]);
  expect((await ask<ServerKeyState>('GET', '/server-key')).body).toMatchObject({ former, waiting: [{ name: 'old' }] });
  const rotate = await ask<Problem>('POST', `/agents/${agent.id}/rotate-key`, {});
  expect([rotate.status, rotate.body.detail]).toEqual([409, expect.stringMatching(/too old to change its key/)]);
  expect((await ask<Agent>('GET', `/agents/${agent.id}`)).body).toMatchObject({ clone: null, listening: null });
  const config = await openConfigStore(`${server.folder}/netsonde.db`);
  await config.db.updateTable('agent').set({ clone_address: '192.0.2.9', clone_seen_at: 0 }).execute();
  await config.close();
  expect((await ask<Agent>('GET', `/agents/${agent.id}`)).body.clone).toEqual({
    address: '192.0.2.9',
    at: '1970-01-01T00:00:00.000Z',
  });
  const forced = await ask<ServerKeyState>('POST', '/server-key/rotation/finish', { evenIfWaiting: true });
  expect(forced.body.former).toBeNull();
});
