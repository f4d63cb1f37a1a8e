import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PASSWORD, setUp, signIn, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';
import { ABSOLUTE_MS, IDLE_MS } from './sessions.ts';

/** Password hashing is slow by design, and these tests try many passwords. */
vi.setConfig({ testTimeout: 180_000 });

let server: TestServer;
let aheadMs: number;

beforeEach(async () => {
  aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs });
});
afterEach(() => server.close());

test('the set-up link creates the first admin once, and only with its own token', async () => {
  expect((await server.call('GET', '/setup')).body).toEqual({ needed: true });
  const admin = { username: 'root', password: PASSWORD };
  const wrong = await server.call('POST', '/setup', { token: 'x', ...admin });
  expect([wrong.status, wrong.body.code]).toEqual([403, 'wrong_setup_token']);
  const token = server.setupLink?.split('#token=')[1] ?? '';
  const twice = await Promise.all(
    [1, 2].map((n) => server.call('POST', '/setup', { token, ...admin, username: `root${n}` })),
  );
  expect(twice.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect((await server.call('GET', '/setup')).body).toEqual({ needed: false });
  const late = await server.call('POST', '/setup', { token, ...admin });
  expect([late.status, late.body.code]).toEqual([409, 'setup_done']);
});

test('the cookie is hidden from scripts and other sites, and GET /session returns its session', async () => {
  await setUp(server);
  const { headers, body } = await server.call('POST', '/session', { username: 'ROOT', password: PASSWORD });
  const [session, device] = headers.getSetCookie();
  expect(device).toMatch(
    /^netsonde_device=1\.[\w-]{43}\.[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  expect(session).toMatch(/^netsonde_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await server.call('GET', '/session', undefined, { cookie })).body).toEqual(body);
  expect(body).toEqual({ username: 'root', role: 'admin', csrf: expect.stringMatching(/^[\w-]{43}$/) });
});

test('signing in again in the same browser ends its previous session, and no other', async () => {
  const first = await setUp(server);
  const other = await signIn(server, 'root');
  const again = await server.call<{ csrf: string }>(
    'POST',
    '/session',
    { username: 'root', password: PASSWORD },
    { cookie: first.cookie },
  );
  const cookie = again.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const state = async (one: string) => (await server.call('GET', '/me', undefined, { cookie: one })).status;
  expect(await Promise.all([first.cookie, other.cookie, cookie].map(state))).toEqual([401, 200, 200]);
});

test('a browser in which a user signed in before is not locked out by a stranger in its network', async () => {
  await setUp(server);
  const known = (await server.call('POST', '/session', { username: 'root', password: PASSWORD })).headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .find((one) => one?.startsWith('netsonde_device='));
  const attempt = async (password: string, cookie?: string, username = 'root') => {
    const credentials = cookie === undefined ? {} : { cookie };
    return (await server.call('POST', '/session', { username, password }, credentials)).status;
  };
  for (let n = 0; n < 5; n += 1) expect(await attempt(`guess ${n}`)).toBe(401);
  expect(await attempt(PASSWORD)).toBe(429);
  expect(await attempt(PASSWORD, `${known}x`)).toBe(429);
  expect(await attempt(PASSWORD, known)).toBe(201);
  expect(await attempt('guess', known, 'somebody')).toBe(401);
  for (let n = 0; n < 10; n += 1) expect(await attempt(`guess ${n}`, known)).toBe(401);
  expect(await attempt(PASSWORD, known)).toBe(429);
});

test('a new password invalidates the cookies of known browsers', async () => {
  const admin = await setUp(server);
  const signed = await server.call('POST', '/session', { username: 'root', password: PASSWORD });
  const known = signed.headers.getSetCookie()[1]?.split(';')[0] ?? '';
  const changed = { current: PASSWORD, password: 'another horse battery' };
  expect((await server.call('POST', '/me/password', changed, admin)).status).toBe(204);
  const guess = (cookie: string) =>
    server.call('POST', '/session', { username: 'root', password: 'wrong' }, { cookie });
  for (let n = 0; n < 5; n += 1) expect((await guess(known)).status).toBe(401);
  expect((await guess(known)).status).toBe(429);
});

test('a changing call with a cookie needs the CSRF token; a bearer token does not', async () => {
  const admin = await setUp(server);
  const without = await server.call('POST', '/api-tokens', { name: 'x', role: 'viewer' }, { cookie: admin.cookie });
  expect([without.status, without.body.code]).toEqual([403, 'csrf_token_wrong']);
  const wrong = await server.call('POST', '/api-tokens', { name: 'x', role: 'viewer' }, { ...admin, csrf: 'x' });
  expect(wrong.body.code).toBe('csrf_token_wrong');
  const bearer = await tokenOf(server, admin, 'admin');
  expect((await server.call('POST', '/api-tokens', { name: 'y', role: 'viewer' }, bearer)).status).toBe(201);
});

test('a page of another site cannot sign a user in', async () => {
  const response = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
    body: JSON.stringify({ username: 'root', password: PASSWORD }),
  });
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'foreign_origin']);
});

test('a session ends at sign-out, after idling, and at its maximum age', async () => {
  const admin = await setUp(server);
  const state = async (cookie: string) => (await server.call('GET', '/me', undefined, { cookie })).status;
  const second = await signIn(server, 'root');
  expect((await server.call('DELETE', '/session', undefined, second)).status).toBe(204);
  expect(await state(second.cookie)).toBe(401);
  aheadMs = IDLE_MS - 60_000;
  expect(await state(admin.cookie)).toBe(200);
  aheadMs += IDLE_MS - 60_000;
  expect(await state(admin.cookie)).toBe(200);
  aheadMs += IDLE_MS + 60_000;
  expect(await state(admin.cookie)).toBe(401);
  const third = await signIn(server, 'root');
  const end = aheadMs + ABSOLUTE_MS;
  while (aheadMs + IDLE_MS < end) {
    aheadMs += IDLE_MS - 60_000;
    expect(await state(third.cookie)).toBe(200);
  }
  aheadMs = end;
  expect(await state(third.cookie)).toBe(401);
});

test('roles and passwords can be changed, and the last admin cannot be removed', async () => {
  const admin = await setUp(server);
  const made = await server.call<{ id: number }>(
    'POST',
    '/users',
    { username: 'eve', password: PASSWORD, role: 'viewer' },
    admin,
  );
  expect(made.status).toBe(201);
  expect(
    (await server.call('POST', '/users', { username: 'Eve', password: PASSWORD, role: 'viewer' }, admin)).body.code,
  ).toBe('name_taken');
  const eve = await signIn(server, 'eve');
  const own = await server.call(
    'PUT',
    '/me/password',
    { current: PASSWORD, password: `${PASSWORD} 2`, role: 'admin' },
    eve,
  );
  expect([own.status, own.body.fields]).toEqual([422, [{ path: 'role', message: 'unknown field: leave it out' }]]);
  expect(
    (await server.call('PUT', '/me/password', { current: 'no', password: `${PASSWORD} 2` }, eve)).body.fields,
  ).toMatchObject([{ path: 'current' }]);
  const other = await signIn(server, 'eve');
  expect((await server.call('PUT', '/me/password', { current: PASSWORD, password: `${PASSWORD} 2` }, eve)).status).toBe(
    204,
  );
  expect((await server.call('GET', '/me', undefined, eve)).status).toBe(200);
  expect((await server.call('GET', '/me', undefined, other)).status).toBe(401);
  await server.call('PATCH', `/users/${made.body.id}`, { role: 'editor' }, admin);
  expect((await server.call('GET', '/me', undefined, eve)).body.role).toBe('editor');
  for (const [method, body] of [
    ['DELETE', undefined],
    ['PATCH', { role: 'viewer' }],
  ] as const) {
    const refused = await server.call(method, '/users/1', body, admin);
    expect([refused.status, refused.body.code]).toEqual([409, 'last_admin']);
  }
  await server.call('PATCH', `/users/${made.body.id}`, { role: 'admin' }, admin);
  expect((await server.call('DELETE', '/users/1', undefined, eve)).status).toBe(204);
  expect((await server.call('GET', '/me', undefined, admin)).status).toBe(401);
});

test('guessing is limited per name and address, and allowed again after a wait', async () => {
  await setUp(server);
  const guess = (password: string) => server.call('POST', '/session', { username: 'root', password });
  for (let count = 0; count < 5; count += 1) expect((await guess(`wrong ${count}`)).status).toBe(401);
  const blocked = await guess(PASSWORD);
  expect([blocked.status, blocked.body.code]).toEqual([429, 'too_many_attempts']);
  expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
  aheadMs = 15 * 60_000;
  expect((await guess(PASSWORD)).status).toBe(201);
});

test('an API token works until it is deleted or expires, shows when it was used, and its secret is shown once', async () => {
  const admin = await setUp(server);
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const { body: made } = await server.call<{ id: number; token: string }>(
    'POST',
    '/api-tokens',
    { name: 'x', role: 'viewer', expiresAt },
    admin,
  );
  const bearer = { bearer: made.token };
  expect((await server.call('GET', '/me', undefined, bearer)).body).toEqual({
    username: 'x',
    role: 'viewer',
    csrf: '',
  });
  const listed = await server.call('GET', '/api-tokens', undefined, admin);
  expect(listed.text).not.toContain(made.token);
  expect(listed.body).toMatchObject([{ id: made.id, lastUsedAt: expect.any(String) }]);
  aheadMs = 61_000;
  expect((await server.call('GET', '/me', undefined, bearer)).status).toBe(401);
  const forever = await tokenOf(server, admin, 'viewer');
  expect((await server.call('DELETE', '/api-tokens/2', undefined, admin)).status).toBe(204);
  expect((await server.call('GET', '/me', undefined, forever)).status).toBe(401);
  const past = await server.call(
    'POST',
    '/api-tokens',
    { name: 'x', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' },
    admin,
  );
  expect([past.status, past.body.fields]).toMatchObject([422, [{ path: 'expiresAt' }]]);
});

test('the audit log has the actions of users, without any secret', async () => {
  const admin = await setUp(server);
  const token = await tokenOf(server, admin, 'viewer');
  const { body, text } = await server.call<{ entries: { action: string; actor: string }[] }>(
    'GET',
    '/audit',
    undefined,
    admin,
  );
  expect(body.entries.map(({ action, actor }) => [action, actor])).toEqual([
    ['api_token.create', 'user:root'],
    ['setup', 'user:root'],
  ]);
  expect(text).not.toContain(token.bearer);
  expect(server.log.join('')).not.toContain(token.bearer);
});

test('guesses of the own password in a session are limited, and do not affect sign-in', async () => {
  const admin = await setUp(server);
  const change = (current: string, method = 'PUT') =>
    server.call(method, '/me/password', { current, password: `${PASSWORD} 2` }, admin);
  for (let count = 0; count < 5; count += 1)
    expect((await change(`wrong ${count}`, count % 2 === 0 ? 'PUT' : 'POST')).status).toBe(422);
  const blocked = await change(PASSWORD);
  expect([blocked.status, blocked.body.code]).toEqual([429, 'too_many_attempts']);
  await signIn(server, 'root');
  aheadMs = 15 * 60_000;
  expect((await change(PASSWORD)).status).toBe(204);
});

test('wrong set-up links do not lock out a user named setup', async () => {
  const admin = await setUp(server);
  await server.call('POST', '/users', { username: 'setup', password: PASSWORD, role: 'viewer' }, admin);
  const wrong = { token: 'x', username: 'eve', password: PASSWORD };
  for (let count = 0; count < 5; count += 1) expect((await server.call('POST', '/setup', wrong)).status).toBe(409);
  expect((await server.call('POST', '/setup', wrong)).status).toBe(429);
  await signIn(server, 'setup');
});
