import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, setUp, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';
import { BODY_LIMITS } from './body-limits.ts';
import { exchange, requestText } from './raw-request.test-support.ts';

let server: TestServer;
let bearer: string;

beforeAll(async () => {
  server = await startServer();
  bearer = (await tokenOf(server, await setUp(server), 'admin')).bearer ?? '';
});
afterAll(() => server.close());

const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = '') =>
  exchange(server.url, requestText(server.url, method, path, headers, body));
const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
/** The JSON body of the last answer on a connection. */
const jsonOf = (answer: string): unknown => JSON.parse(answer.slice(answer.lastIndexOf('\r\n\r\n') + 4));

const h2c = {
  connection: 'Upgrade, HTTP2-Settings, close',
  upgrade: 'h2c',
  'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
};

test.each([
  ['GET', '/healthz', 200],
  ['GET', '/api/v1/setup', 200],
  ['GET', '/api/v1/me', 401],
  ['GET', '/nothing', 404],
  ['POST', '/nothing', 404],
  ['DELETE', '/api/v1/session', 401],
] as const)('%s %s is answered as if no upgrade to h2c had been offered', async (method, path, status) => {
  const answer = await ask(method, path, h2c);
  expect(statusOf(answer)).toBe(status);
  expect(answer).not.toMatch(/^upgrade:/im);
  expect(jsonOf(answer)).toEqual(jsonOf(await ask(method, path)));
});

test('the body of a request with an upgrade offer is read, and the connection stays open if it may', async () => {
  const body = JSON.stringify({ username: 'root', password: PASSWORD });
  const signIn = requestText(
    server.url,
    'POST',
    '/api/v1/session',
    { ...h2c, connection: 'Upgrade, HTTP2-Settings' },
    body,
  );
  const answers = await exchange(server.url, signIn + requestText(server.url, 'GET', '/healthz'));
  expect(answers).toMatch(/^HTTP\/1\.1 201 Created\r\n[\s\S]*HTTP\/1\.1 200 OK\r\n/);
  const token = { ...h2c, authorization: `Bearer ${bearer}` };
  expect(statusOf(await ask('GET', '/api/v1/me', token))).toBe(200);
});

test('other upgrade offers, and WebSocket offers on other paths or with other methods, are ignored too', async () => {
  const webSocket = {
    connection: 'Upgrade, close',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  expect(statusOf(await ask('GET', '/healthz', webSocket))).toBe(200);
  expect(statusOf(await ask('GET', '/healthz', { ...webSocket, upgrade: 'TLS/1.0' }))).toBe(200);
  expect(statusOf(await ask('POST', '/agent/session', webSocket))).toBe(404);
  const plain = await ask('GET', '/agent/session', h2c);
  expect(statusOf(plain)).toBe(426);
  expect(plain).toMatch(/^upgrade: websocket\r$/im);
  expect(jsonOf(plain)).toMatchObject({ status: 426, code: 'upgrade_required' });
});

test.each([
  ['GET', '/healthz'],
  ['GET', '/api/v1/setup'],
  ['GET', '/agent/session'],
  ['POST', '/api/v1/setup'],
  ['POST', '/api/v1/session'],
  ['POST', '/nothing'],
] as const)('%s %s takes little: anybody may send it', async (method, path) => {
  const body = JSON.stringify({ username: 'x'.repeat(BODY_LIMITS.public) });
  const answer = await ask(method, path, { connection: 'keep-alive' }, body);
  expect([statusOf(answer), jsonOf(answer)]).toMatchObject([413, { code: 'too_large' }]);
});

test('body limits admit the largest valid fields and a test with all its targets', async () => {
  const as = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const of = (bytes: number) => JSON.stringify({ name: 'x'.repeat(bytes) });
  /** Declares the length of its body and sends none of it. */
  const announce = (path: string, bytes: number) =>
    ask('POST', path, { ...as, connection: 'keep-alive', 'content-length': String(bytes) });
  expect(statusOf(await ask('POST', '/api/v1/api-tokens', as, of(BODY_LIMITS.ordinary - 100)))).toBe(422);
  expect(statusOf(await announce('/api/v1/api-tokens', BODY_LIMITS.ordinary + 1))).toBe(413);
  expect(statusOf(await ask('POST', '/api/v1/tests', as, of(BODY_LIMITS.test - 100)))).toBe(422);
  expect(statusOf(await announce('/api/v1/tests', BODY_LIMITS.test + 1))).toBe(413);
});

test('an unneeded body of undeclared size does not keep the connection open', async () => {
  const answer = await ask('GET', '/healthz', { connection: 'keep-alive', 'transfer-encoding': 'chunked' });
  expect(statusOf(answer)).toBe(200);
});

test('bytes that are not HTTP are answered with a problem, and the connection ends', async () => {
  for (const [bytes, status] of [
    ['hello\r\n\r\n', 400],
    [requestText(server.url, 'GET', '/healthz', { x: 'y'.repeat(40_000) }), 431],
    [requestText(server.url, 'POST', '/api/v1/session', { 'content-length': '-5' }), 400],
  ] as const) {
    const answer = await exchange(server.url, bytes);
    expect([statusOf(answer), jsonOf(answer)]).toMatchObject([status, { status, code: 'bad_request' }]);
    expect(answer).toMatch(/^content-type: application\/problem\+json/im);
  }
});

test.each([
  ['two Host lines', 'Host: a\r\nHost: b'],
  ['two equal Host lines', 'Host: a\r\nhost: a'],
  ['no Host line', 'Accept: */*'],
  ['a Host that is a list', 'Host: a, b'],
  ['a Host with a path', 'Host: a/b'],
])('a request with %s is refused', async (_what, lines) => {
  const answer = await exchange(server.url, `GET /api/v1/setup HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`);
  expect(statusOf(answer)).toBe(400);
});

test.each(['localhost', 'net.example:5000', '[::1]:5000', '192.0.2.1', ''])(
  'a request for the host %j is answered',
  async (host) => {
    expect(statusOf(await ask('GET', '/api/v1/setup', { host }))).toBe(200);
  },
);

test('deeply nested JSON is refused with the reason, and brackets in strings do not count', async () => {
  const signIn = (body: string) => ask('POST', '/api/v1/session', {}, body);
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const answer = await signIn(`{"username":${open.repeat(300)}1${close.repeat(300)},"password":"x"}`);
    expect(statusOf(answer)).toBe(400);
    expect(jsonOf(answer)).toMatchObject({ code: 'malformed_json', detail: expect.stringContaining('64 levels') });
  }
  const text = await signIn(JSON.stringify({ username: '['.repeat(60), password: `${'{"'.repeat(80)}\\` }));
  expect(statusOf(text)).toBe(401);
  const name = { name: 'x', targets: [{ address: 'a' }], checks: [], agents: { by: 'any', count: 1 } };
  const deep = `${JSON.stringify(name).slice(0, -1)},"description":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  const refused = await ask('POST', '/api/v1/tests', { authorization: `Bearer ${bearer}` }, deep);
  expect(statusOf(refused)).toBe(400);
});
