import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credentials, call, setUp, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';

/**
 * The outcome of each route for each caller: `in` (the handler answered, with any status), 401 or 403.
 * Columns: anonymous, agent (which has a key pair and no API credentials), viewer, editor, admin.
 */
type Row = readonly [anonymous: Got, agent: Got, viewer: Got, editor: Got, admin: Got];
type Got = 'in' | 401 | 403;

const ALL: Row = ['in', 'in', 'in', 'in', 'in'];
const VIEWERS: Row = [401, 401, 'in', 'in', 'in'];
const EDITORS: Row = [401, 401, 403, 'in', 'in'];
const ADMINS: Row = [401, 401, 403, 403, 'in'];

const TABLE: Readonly<Record<string, Row>> = {
  'GET /healthz': ALL,
  'GET /': ALL,
  'GET /*': ALL,
  'GET /agent/session': ALL,
  'GET /api/v1/openapi.json': ALL,
  'GET /api/v1/docs': ALL,
  'GET /api/v1/docs.css': ALL,
  'GET /api/v1/setup': ALL,
  'POST /api/v1/setup': ALL,
  'POST /api/v1/session': ALL,
  'GET /api/v1/session': VIEWERS,
  'DELETE /api/v1/session': VIEWERS,
  'GET /api/v1/me': VIEWERS,
  'PUT /api/v1/me/password': VIEWERS,
  'POST /api/v1/me/password': VIEWERS,
  'GET /api/v1/catalog': VIEWERS,
  'GET /api/v1/overview': VIEWERS,
  'GET /api/v1/series': VIEWERS,
  'GET /api/v1/ledger': VIEWERS,
  'GET /api/v1/live': VIEWERS,
  'GET /api/v1/agents': VIEWERS,
  'GET /api/v1/agents/:id': VIEWERS,
  'PATCH /api/v1/agents/:id': EDITORS,
  'DELETE /api/v1/agents/:id': ADMINS,
  'GET /api/v1/agents/listening': ADMINS,
  'POST /api/v1/agents/listening': ADMINS,
  'DELETE /api/v1/agents/listening/:id': ADMINS,
  'GET /api/v1/agents/:id/refused': VIEWERS,
  'GET /api/v1/agents/:id/unplanned': ADMINS,
  'DELETE /api/v1/agents/:id/unplanned': ADMINS,
  'POST /api/v1/agents/:id/accept-move': ADMINS,
  'POST /api/v1/agents/:id/rotate-key': ADMINS,
  'GET /api/v1/server-clock': VIEWERS,
  'POST /api/v1/server-clock/believe': ADMINS,
  'GET /api/v1/server-key': ADMINS,
  'POST /api/v1/server-key/rotation': ADMINS,
  'POST /api/v1/server-key/rotation/finish': ADMINS,
  'GET /api/v1/tests': VIEWERS,
  'GET /api/v1/tests/:id': VIEWERS,
  'GET /api/v1/tests/:id/results': VIEWERS,
  'GET /api/v1/tests/:id/series': VIEWERS,
  'GET /api/v1/tests/:id/export.csv': VIEWERS,
  'GET /api/v1/tests/:id/export.json': VIEWERS,
  'GET /api/v1/results/:agent/:epoch/:seq': VIEWERS,
  'POST /api/v1/tests': EDITORS,
  'POST /api/v1/tests/preview': EDITORS,
  'PUT /api/v1/tests/:id': EDITORS,
  'DELETE /api/v1/tests/:id': EDITORS,
  'POST /api/v1/tests/:id/start': EDITORS,
  'POST /api/v1/tests/:id/stop': EDITORS,
  'GET /api/v1/users': ADMINS,
  'POST /api/v1/users': ADMINS,
  'PATCH /api/v1/users/:id': ADMINS,
  'DELETE /api/v1/users/:id': ADMINS,
  'GET /api/v1/api-tokens': ADMINS,
  'POST /api/v1/api-tokens': ADMINS,
  'DELETE /api/v1/api-tokens/:id': ADMINS,
  'GET /api/v1/enrolment-tokens': ADMINS,
  'POST /api/v1/enrolment-tokens': ADMINS,
  'DELETE /api/v1/enrolment-tokens/:id': ADMINS,
  'GET /api/v1/audit': ADMINS,
};

let server: TestServer;
let webFolder: string;
let callers: readonly Credentials[];

beforeAll(async () => {
  webFolder = mkdtempSync(join(tmpdir(), 'netsonde-web-'));
  mkdirSync(join(webFolder, 'assets'));
  writeFileSync(join(webFolder, 'index.html'), '<html><head></head><body>dashboard</body></html>');
  server = await startServer({ webFolder });
  const admin = await setUp(server);
  const tokens = [];
  for (const role of ['viewer', 'editor', 'admin'] as const) tokens.push(await tokenOf(server, admin, role));
  callers = [{}, {}, ...tokens];
});
afterAll(async () => {
  await server.close();
  rmSync(webFolder, { recursive: true, force: true });
});

/** Every method and path that the running server answers; HEAD goes with its GET. */
const running = () =>
  server.routes.filter(({ method }) => method !== 'HEAD').map(({ method, path }) => `${method} ${path}`);

test('every route has a row, and every row is a route', () => {
  expect(running().sort()).toEqual(Object.keys(TABLE).sort());
  const heads = server.routes.filter(({ method }) => method === 'HEAD');
  for (const { path, access } of heads)
    expect(server.routes.find((route) => route.method === 'GET' && route.path === path)?.access).toBe(access);
});

test.each(Object.entries(TABLE))('%s', async (way, row) => {
  const [method = '', path = ''] = way.split(' ');
  const url = server.url + path.replace('/*', '/no/such/page').replace(/:\w+/g, '999999');
  const got = [];
  for (const caller of callers) got.push(await outcome(method, url, caller));
  expect(got).toEqual(row);
});

/** Sends an invalid body, which is enough: the guard runs before validation, and the call changes no shared state. */
async function outcome(method: string, url: string, caller: Credentials): Promise<Got> {
  if (url.endsWith('/live')) return liveOutcome(url, caller);
  const body = method === 'GET' || method === 'DELETE' ? undefined : {};
  const { status, body: problem } = await call<{ code?: string } | undefined>(url, method, body, caller);
  if (status === 401 && problem?.code === 'unauthenticated') return 401;
  if (status === 403 && problem?.code === 'forbidden' && !url.endsWith('/password')) return 403;
  expect(status, url).toBeLessThan(500);
  return 'in';
}

/** The stream stays open until the client closes it. */
async function liveOutcome(url: string, { bearer }: Credentials): Promise<Got> {
  const abort = new AbortController();
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const { status } = await fetch(url, { headers, signal: abort.signal });
  abort.abort();
  return status === 200 ? 'in' : (status as Got);
}

test('only the agents’ endpoint accepts an upgrade, and no client gets further without proof', async () => {
  expect(server.routes.filter(({ upgrade }) => upgrade).map(({ path }) => path)).toEqual([
    '/agent/session',
    '/agent/session',
  ]);
  const upgraded = [];
  for (const { path } of server.routes.filter(({ method }) => method === 'GET'))
    if ((await upgrade(path.replace('/*', '/x').replace(/:\w+/g, '1'))) === 101) upgraded.push(path);
  expect(upgraded).toEqual(['/agent/session']);
});

/** The response status of an upgrade request. 0: the connection was closed without a response. */
function upgrade(path: string): Promise<number> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  return new Promise((resolve) => {
    const sent = request(server.url + path, { headers }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.on('upgrade', (answer, socket) => {
      resolve(answer.statusCode ?? 0);
      socket.destroy();
    });
    sent.on('error', () => resolve(0)).end();
  });
}

test('a route without declared access prevents the start of the server', async () => {
  const { buildApp } = await import('../http/build-app.ts');
  const { readSettings } = await import('../settings/read-settings.ts');
  const { pino } = await import('pino');
  const { app } = await buildApp(readSettings({}), pino({ level: 'silent' }), async () => ({ kind: 'anonymous' }));
  expect(() => app.get('/open', async () => 'x')).toThrow('declares no access');
});

test('unknown paths reveal nothing, with any method', async () => {
  for (const [method, path] of [
    ['GET', '/api/v1/nothing'],
    ['POST', '/nothing'],
    ['PUT', '/api/v1/tests'],
    ['GET', '/agent/x'],
  ] as const) {
    const { status, body } = await call<{ code: string }>(server.url + path, method);
    expect([path, status, body.code]).toEqual([path, 404, 'not_found']);
  }
});

test('static file paths cannot leave their folder', async () => {
  writeFileSync(join(webFolder, '..', 'netsonde-secret.txt'), 'not for everybody');
  for (const path of [
    '/../netsonde-secret.txt',
    '/%2e%2e/netsonde-secret.txt',
    '/..%2fnetsonde-secret.txt',
    '/assets/..%5c..%5cnetsonde-secret.txt',
    '/%00.txt',
  ])
    expect((await call(server.url + path, 'GET')).text).not.toContain('not for everybody');
  rmSync(join(webFolder, '..', 'netsonde-secret.txt'));
});
