import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exchange, requestText } from '../http/raw-request.test-support.ts';
import { Database } from '../store/sqlite-driver.ts';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { backdatePlan, plannedInstants } from './plan.test-support.ts';
import {
  type Credentials,
  call,
  type HttpReply,
  PASSWORD,
  setUp,
  signIn,
  startServer,
  type TestServer,
  tokenOf,
} from './server.test-support.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
type Reply = Pick<HttpReply<unknown>, 'status' | 'text'> & { readonly type: string };

let server: TestServer;
let admin: Credentials;
let document: Document;
let operations: readonly {
  readonly way: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}[];
let agent: TestAgent;
let other: TestAgent;
let testId: number;
let checkId: number;

const REFERENCE = ['/openapi.json', '/docs', '/docs.css'];
const testBody = {
  name: 'door',
  targets: [{ address: '127.0.0.1' }],
  checks: [{ probe: 'icmp' }],
  agents: { by: 'labels', labels: {} },
};
const user = (username: string) => ({ username, password: PASSWORD, role: 'viewer' });

beforeAll(async () => {
  server = await startServer();
  admin = await tokenOf(server, await setUp(server), 'admin');
  document = (await call<Document>(`${server.url}/api/v1/openapi.json`, 'GET')).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      way: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  agent = await connectAgent(server, admin, { name: 'a1' });
  other = await connectAgent(server, admin, { name: 'a2' });
  const { body: made } = await server.call<{
    id: number;
    interval: number;
    checks: { id: number }[];
    targets: { id: number }[];
  }>('POST', '/tests', testBody, admin);
  testId = made.id;
  checkId = made.checks[0]?.id ?? 0;
  const intervalMs = made.interval * 1000;
  const sinceMs = Date.now() - 2 * intervalMs;
  backdatePlan(server, sinceMs);
  const planned = { agent: agent.id, check: checkId, target: made.targets[0]?.id ?? 0, intervalMs };
  const [at = 0] = plannedInstants(planned, sinceMs, 1);
  const record = {
    late: 0,
    took: 1,
    verdict: 'up',
    metrics: { rtt_avg_ms: 1.5 },
    absent: {},
    stamps: { kernel: 0, process: 0 },
  } as const;
  await agent.deliver([{ t: 'run', seq: 0, check: checkId, target: made.targets[0]?.id ?? 0, at, ...record }]);
});
afterAll(async () => {
  await agent.close();
  await other.close();
  await server.close();
});

const ask = async (method: string, path: string, body?: unknown, credentials = admin): Promise<Reply> => {
  const { status, text, headers } = await server.call<unknown>(method, path, body, credentials);
  return { status, text, type: headers.get('content-type')?.split(';')[0] ?? '' };
};

test('the OpenAPI document has exactly the routes, and names, parameters and references are consistent', () => {
  expect(document.openapi).toBe('3.1.0');
  const running = server.routes
    .map(({ method, path }) => `${method} ${path.replace(/^\/api\/v1/, '').replace(/:(\w+)/g, '{$1}')}`)
    .filter((_, index) => server.routes[index]?.path.startsWith('/api/v1/'))
    .filter((way) => !way.startsWith('HEAD') && !REFERENCE.includes(way.split(' ')[1] ?? ''));
  expect(operations.map(({ way }) => way).sort()).toEqual(running.sort());
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { way, path, operation } of operations) {
    const inPath = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
    expect([way, inPath]).toEqual([way, path.match(/\{\w+\}/g) ?? []]);
    expect(operation.parameters.every(({ schema }) => Object.keys(schema).length > 0)).toBe(true);
  }
  const references = JSON.stringify(document).match(/"#\/components\/[^"]+"/g) ?? [];
  expect(references.length).toBeGreaterThan(0);
  for (const reference of new Set(references)) {
    const [, , group = '', name = ''] = reference.slice(1, -1).split('/');
    expect(document.components[group]?.[name], reference).toBeDefined();
  }
});

/** Requests for responses that the declaration alone does not provoke. */
const OWN: Readonly<Record<string, () => Promise<Reply>>> = {
  'GET /setup 200': () => ask('GET', '/setup', undefined, {}),
  'POST /setup 201': firstAdminElsewhere,
  'POST /setup 409': () => ask('POST', '/setup', { token: 'x', ...named('late') }, {}),
  'POST /setup 429': () => often(6, () => ask('POST', '/setup', { token: 'x', ...named('late') }, {})),
  'POST /session 201': () => ask('POST', '/session', { username: 'root', password: PASSWORD }, {}),
  'POST /session 401': () => ask('POST', '/session', { username: 'nobody', password: PASSWORD }, {}),
  'POST /session 429': () => often(6, () => ask('POST', '/session', { username: 'guess', password: 'x' }, {})),
  'DELETE /session 204': async () => ask('DELETE', '/session', undefined, await signIn(server, 'root')),
  'PUT /me/password 204': () => changeOwn('PUT', 'one', PASSWORD),
  'POST /me/password 204': () => changeOwn('POST', 'two', PASSWORD),
  'PUT /me/password 429': () => often(6, () => changeOwn('PUT', 'three', 'wrong')),
  'POST /me/password 429': () => often(6, () => changeOwn('POST', 'four', 'wrong')),
  'GET /ledger 404': () => ask('GET', '/ledger?test=999999'),
  'GET /series 404': () => ask('GET', '/series?test=999999'),
  'GET /live 200': () => stream(),
  'GET /live 429': crowd,
  'GET /tests/{id}/series 200': () =>
    ask(
      'GET',
      `/tests/${testId}/series?check=${checkId}&metric=rtt_avg_ms&from=2026-01-01T00:00:00Z&to=2099-01-02T00:00:00Z`,
    ),
  'GET /tests/{id}/series 404': () =>
    ask('GET', '/tests/999999/series?check=1&metric=rtt_avg_ms&from=2026-01-01T00:00:00Z&to=2099-01-02T00:00:00Z'),
  'POST /tests 201': () => ask('POST', '/tests', testBody),
  'POST /tests/preview 200': () => ask('POST', '/tests/preview', testBody),
  'PUT /tests/{id} 200': () => ask('PUT', `/tests/${testId}`, testBody),
  'DELETE /tests/{id} 204': async () => ask('DELETE', `/tests/${idOf(await ask('POST', '/tests', testBody))}`),
  'PATCH /agents/{id} 200': () => ask('PATCH', `/agents/${agent.id}`, { labels: { site: 'here' } }),
  'PATCH /agents/{id} 409': () => ask('PATCH', `/agents/${agent.id}`, { name: 'a2' }),
  'DELETE /agents/{id} 204': () => ask('DELETE', `/agents/${other.id}`),
  'POST /agents/listening 201': () => ask('POST', '/agents/listening', { url: 'http://127.0.0.1:1' }),
  'POST /agents/listening 409': () => ask('POST', '/agents/listening', { url: 'http://127.0.0.1:1' }),
  'DELETE /agents/listening/{id} 204': async () =>
    ask('DELETE', `/agents/listening/${idOf(await ask('POST', '/agents/listening', { url: 'http://127.0.0.1:2' }))}`),
  'DELETE /agents/{id}/unplanned 204': () => ask('DELETE', `/agents/${agent.id}/unplanned`),
  'POST /agents/{id}/accept-move 204': async () => {
    const moved = await connectAgent(server, admin, { name: 'moved' });
    const db = new Database(join(server.folder, 'netsonde.db'));
    db.prepare(`UPDATE agent SET clone_host = '{}' WHERE id = ?`).run(moved.id);
    db.close();
    const answer = await ask('POST', `/agents/${moved.id}/accept-move`);
    await moved.close();
    return answer;
  },
  'POST /agents/{id}/accept-move 409': () => ask('POST', `/agents/${agent.id}/accept-move`),
  'POST /agents/{id}/rotate-key 204': () => ask('POST', `/agents/${agent.id}/rotate-key`),
  'POST /agents/{id}/rotate-key 409': async () => {
    const old = await connectAgent(server, admin, { name: 'old', knowsPins: false });
    const answer = await ask('POST', `/agents/${old.id}/rotate-key`);
    await old.close();
    return answer;
  },
  'POST /server-clock/believe 200': () => ask('POST', '/server-clock/believe'),
  'POST /server-key/rotation 201': () => ask('POST', '/server-key/rotation'),
  'POST /server-key/rotation 409': () => ask('POST', '/server-key/rotation'),
  'POST /server-key/rotation/finish 200': () => ask('POST', '/server-key/rotation/finish', { evenIfWaiting: true }),
  'POST /server-key/rotation/finish 409': () => ask('POST', '/server-key/rotation/finish', { evenIfWaiting: true }),
  'POST /users 201': () => ask('POST', '/users', user('five')),
  'POST /users 409': () => ask('POST', '/users', user('ROOT')),
  'PATCH /users/{id} 200': () => ask('PATCH', '/users/1', { role: 'admin' }),
  'PATCH /users/{id} 409': () => ask('PATCH', '/users/1', { role: 'viewer' }),
  'DELETE /users/{id} 204': async () => ask('DELETE', `/users/${idOf(await ask('POST', '/users', user('six')))}`),
  'DELETE /users/{id} 409': () => ask('DELETE', '/users/1'),
  'POST /api-tokens 201': () => ask('POST', '/api-tokens', { name: 'x', role: 'viewer' }),
  'DELETE /api-tokens/{id} 204': async () =>
    ask('DELETE', `/api-tokens/${idOf(await ask('POST', '/api-tokens', { name: 'y', role: 'viewer' }))}`),
  'POST /enrolment-tokens 201': () => ask('POST', '/enrolment-tokens', { name: 'x' }),
  'DELETE /enrolment-tokens/{id} 204': async () =>
    ask('DELETE', `/enrolment-tokens/${idOf(await ask('POST', '/enrolment-tokens', { name: 'y' }))}`),
};

const named = (username: string) => ({ username, password: PASSWORD });
const idOf = ({ text }: Reply): string => String((JSON.parse(text) as { id: number | string }).id);

async function often(times: number, again: () => Promise<Reply>): Promise<Reply> {
  for (let n = 1; n < times; n += 1) await again();
  return again();
}

/** The set-up link works once, so this needs a separate server. */
async function firstAdminElsewhere(): Promise<Reply> {
  const fresh = await startServer();
  const token = fresh.setupLink?.split('#token=')[1];
  const { status, text, headers } = await fresh.call<unknown>('POST', '/setup', { token, ...named('root') });
  await fresh.close();
  return { status, text, type: headers.get('content-type')?.split(';')[0] ?? '' };
}

const sessions = new Map<string, Credentials>();

async function changeOwn(method: string, username: string, current: string): Promise<Reply> {
  if (!sessions.has(username)) {
    await ask('POST', '/users', user(username));
    sessions.set(username, await signIn(server, username));
  }
  return ask(method, '/me/password', { current, password: PASSWORD }, sessions.get(username));
}

/** The head of the stream's response. The stream stays open until the client closes it. */
async function stream(): Promise<Reply> {
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${admin.bearer}` };
  const answer = await fetch(`${server.url}/api/v1/live`, { headers, signal: abort.signal });
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  const text = answer.ok ? '' : await answer.text();
  abort.abort();
  return { status: answer.status, text, type };
}

/** Opens one stream more than a caller may have. Closing one makes room again. */
async function crowd(): Promise<Reply> {
  const { hostname, port } = new URL(server.url);
  const request = requestText(server.url, 'GET', '/api/v1/live', { authorization: `Bearer ${admin.bearer}` });
  const sockets = Array.from({ length: 50 }, () => connect(Number(port), hostname));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve).write(request))));
  const answer = await stream();
  sockets.pop()?.destroy();
  await expect.poll(async () => (await stream()).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  return answer;
}

/** A request to this route that is answered with this status. */
async function provoke(method: string, path: string, status: number): Promise<Reply> {
  const sound = path
    .replace('/results/{agent}/{epoch}/{seq}', `/results/${agent.id}/1/0`)
    .replace('/agents/{id}', `/agents/${agent.id}`);
  const real = sound.replace(/\{id\}/, String(testId));
  const changes = method !== 'GET';
  switch (status) {
    case 401:
      return ask(method, real, undefined, {});
    case 403:
      return changes ? fromElsewhere(method, real) : ask(method, real, undefined, await viewer());
    case 404:
      return ask(
        method,
        path.replace(/\{\w+\}/g, '999999'),
        method === 'PATCH' ? {} : method === 'PUT' ? testBody : undefined,
      );
    case 400:
      return ask(method, real, '{');
    case 413:
      return tooMuch(method, real);
    case 415:
      return raw(method, real, { 'content-type': 'text/plain' }, 'x');
    case 422:
      return ask(method, `${real}?colour=red`, changes && method !== 'DELETE' ? {} : undefined);
    default:
      return ask(method, real);
  }
}

let viewerToken: Credentials | undefined;
async function viewer(): Promise<Credentials> {
  viewerToken ??= await tokenOf(server, admin, 'viewer');
  return viewerToken;
}

const fromElsewhere = (method: string, path: string) => raw(method, path, { 'sec-fetch-site': 'cross-site' });
const tooMuch = (method: string, path: string) =>
  raw(method, path, { connection: 'keep-alive', 'content-type': 'application/json', 'content-length': '99999999' });

async function raw(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Reply> {
  const length = body === '' ? {} : { 'content-length': String(body.length) };
  const all = { authorization: `Bearer ${admin.bearer}`, ...length, ...headers };
  const text = await exchange(server.url, requestText(server.url, method, `/api/v1${path}`, all) + body);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const type = /^content-type: ([^;\r]*)/im.exec(head)?.[1] ?? '';
  return { status: Number(head.split(' ')[1]), text: rest.join('\r\n\r\n'), type };
}

test('every documented response occurs in its documented form', async () => {
  const used = new Set<string>();
  for (const { way, method, path, operation } of operations)
    for (const status of Object.keys(operation.responses).filter((one) => one !== 'default')) {
      const own = OWN[`${way} ${status}`];
      used.add(`${way} ${status}`);
      const answer = await (own ?? (() => provoke(method, path, Number(status))))();
      expect([way, answer.status, answer.text.slice(0, 200)]).toEqual([way, Number(status), expect.any(String)]);
      expectShape(`${way} ${status}`, operation.responses[status], answer);
    }
  expect(Object.keys(OWN).filter((one) => !used.has(one))).toEqual([]);
}, 300_000);

/** Asserts that a response's type and body match its response object. */
function expectShape(what: string, described: unknown, { type, text }: Reply): void {
  const { content } = resolved(described) as { content?: Record<string, { schema: unknown }> };
  if (content === undefined) {
    expect([what, text]).toEqual([what, '']);
    return;
  }
  expect([what, Object.keys(content)]).toEqual([what, [type]]);
  if (!type.endsWith('json')) return;
  const schema = resolved(content[type]?.schema) as Parameters<typeof z.fromJSONSchema>[0];
  const read = z.fromJSONSchema(schema).safeParse(JSON.parse(text));
  expect([what, read.error?.issues.slice(0, 3) ?? []]).toEqual([what, []]);
}

/** Resolves a reference into the components. Other values are returned unchanged. */
function resolved(part: unknown): unknown {
  const { $ref } = part as { $ref?: string };
  const [, , group = '', name = ''] = $ref?.split('/') ?? [];
  return $ref === undefined ? part : document.components[group]?.[name];
}
