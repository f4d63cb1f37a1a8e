import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { call, PASSWORD, setUp, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';
import { makePair } from '../settings/tls-pair.test-support.ts';
import { Database } from '../store/sqlite-driver.ts';

let folder: string;
let server: TestServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-http-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function dashboard(): string {
  mkdirSync(join(folder, 'web/assets'), { recursive: true });
  writeFileSync(
    join(folder, 'web/index.html'),
    '<!doctype html><html><head><base href="/" /><title>x</title></head></html>',
  );
  writeFileSync(join(folder, 'web/assets/app-1a2b3c.js'), 'console.log(1)');
  writeFileSync(join(folder, 'web/assets/app-1a2b3c.js.br'), brotliCompressSync('console.log(1)'));
  writeFileSync(join(folder, 'web/assets/app-1a2b3c.js.gz'), gzipSync('console.log(1)'));
  writeFileSync(join(folder, 'web/paths.json'), JSON.stringify(['/', '/setup', '/tests/$testId', '/tests/new']));
  writeFileSync(join(folder, 'web/icon.svg'), '<svg/>');
  return join(folder, 'web');
}

test('below a base path, dashboard paths get the page, hashed files are cached for ever, unknown files are 404', async () => {
  server = await startServer({ webFolder: dashboard(), environment: { BASE_PATH: '/net' } });
  expect(new URL(server.url).pathname).toBe('/net');
  expect((await call(server.url, 'GET')).headers.get('location')).toBe('/net/');
  for (const path of ['/', '/tests/1', '/setup']) {
    const page = await call(server.url + path, 'GET');
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(page.text).toContain('<base href="/net/">');
    expect(page.text).not.toContain('<base href="/" />');
  }
  const script = await call(`${server.url}/assets/app-1a2b3c.js`, 'GET');
  expect([script.text, script.headers.get('cache-control')]).toEqual([
    'console.log(1)',
    'public, max-age=31536000, immutable',
  ]);
  expect(script.headers.get('content-type')).toContain('javascript');
  expect((await call(`${server.url}/icon.svg`, 'GET')).headers.get('cache-control')).toBe('no-cache');
  expect((await call(`${server.url}/assets/gone-1.js`, 'GET')).status).toBe(404);
  expect((await call(`${server.url}/api/v1/setup`, 'GET')).status).toBe(200);
  const origin = new URL(server.url).origin;
  expect((await call(`${origin}/api/v1/setup`, 'GET')).status).toBe(404);
  for (const base of [origin, server.url])
    expect(JSON.parse((await call(`${base}/healthz`, 'GET')).text)).toMatchObject({ status: 'ok' });
});

test('unknown paths are 404, with a page for browsers and a problem for programs', async () => {
  server = await startServer({ webFolder: dashboard() });
  for (const path of ['/', '/setup', '/setup/', '/tests/7', '/tests/new', '/tests/7?window=1'])
    expect([path, (await call(server.url + path, 'GET')).status]).toEqual([path, 200]);
  for (const path of ['/nothing', '/tests/x', '/tests/7/more', '/setups']) {
    const { status, headers } = await call(server.url + path, 'GET');
    expect([path, status, headers.get('content-type')]).toEqual([path, 404, 'text/html; charset=utf-8']);
  }
  for (const path of ['/metrics', '/metrics/x', '/api', '/api/v2/tests', '/favicon.ico', '/tests/7.php']) {
    const { status, headers } = await call(server.url + path, 'GET');
    expect([path, status, headers.get('content-type')]).toEqual([path, 404, 'application/problem+json; charset=utf-8']);
  }
});

test.each([
  ['br, gzip', 'br'],
  ['gzip, deflate', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['identity', null],
  ['', null],
])('files of the dashboard and long answers for %j are sent as %s', async (accepted, encoding) => {
  server = await startServer({ webFolder: dashboard() });
  for (const path of ['/assets/app-1a2b3c.js', '/api/v1/openapi.json']) {
    const { headers, body } = await raw(server.url + path, { 'accept-encoding': accepted });
    expect([path, headers['content-encoding'] ?? null]).toEqual([path, encoding]);
    expect(headers.vary?.toLowerCase()).toContain('accept-encoding');
    const text = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body;
    expect(text.toString()).toContain(path.endsWith('.js') ? 'console.log(1)' : '"openapi":"3.1');
  }
  const short = await raw(`${server.url}/api/v1/setup`, { 'accept-encoding': accepted });
  expect(short.headers['content-encoding']).toBeUndefined();
});

/** A response as sent, still compressed. */
function raw(
  url: string,
  headers: Record<string, string>,
): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}

test('after a new build of the dashboard, its new files are served', async () => {
  const webFolder = dashboard();
  server = await startServer({ webFolder });
  writeFileSync(join(webFolder, 'index.html'), '<!doctype html><html><head><title>newer</title></head></html>');
  expect((await call(`${server.url}/`, 'GET')).text).toContain('<title>newer</title>');
});

test('every response has the strict content policy', async () => {
  server = await startServer({ webFolder: dashboard() });
  for (const path of [
    '/',
    '/assets/app-1a2b3c.js',
    '/api/v1/setup',
    '/api/v1/me',
    '/api/v1/docs',
    '/nothing/here.js',
    '/healthz',
  ]) {
    const { headers } = await call(server.url + path, 'GET');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect([
      headers.get('x-content-type-options'),
      headers.get('x-frame-options'),
      headers.get('referrer-policy'),
    ]).toEqual(['nosniff', 'DENY', 'no-referrer']);
  }
});

test('the error of a missing dashboard build says what to run', async () => {
  await expect(startServer({ webFolder: join(folder, 'none') })).rejects.toThrow('run npm run build');
});

test('the error of a port in use names the port and its variable', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await expect(startServer({ environment: { SERVER_PORT: String(port) } })).rejects.toThrow(
    `SERVER_PORT is ${port}: another program`,
  );
  other.close();
});

test('forwarded addresses and schemes are accepted only from trusted proxies', async () => {
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
  };
  const signIn = async (one: TestServer) => {
    await setUp(one);
    const body = JSON.stringify({ username: 'root', password: PASSWORD });
    const response = await fetch(`${one.url}/api/v1/session`, { method: 'POST', headers, body });
    const csrf = ((await response.json()) as { csrf: string }).csrf;
    const cookie = response.headers.get('set-cookie') ?? '';
    const audit = await one.call<{ entries: { detail: string }[] }>('GET', '/audit', undefined, {
      cookie: cookie.split(';')[0] ?? '',
      csrf,
    });
    return [cookie.includes('Secure'), audit.body.entries[0]?.detail];
  };
  server = await startServer();
  expect(await signIn(server)).toEqual([false, '127.0.0.1']);
  await server.close();
  server = await startServer({ environment: { TRUSTED_PROXIES: '127.0.0.0/8' } });
  expect(await signIn(server)).toEqual([true, '203.0.113.9']);
});

test('with a certificate the server speaks TLS, and its cookies are for TLS only', async () => {
  const { cert, key } = makePair(folder, 'own');
  server = await startServer({ environment: { TLS_CERT: cert, TLS_KEY: key } });
  expect(server.url).toMatch(/^https:/);
  const token = server.setupLink?.split('#token=')[1];
  const answer = await postTls(`${server.url}/api/v1/setup`, { token, username: 'root', password: PASSWORD });
  expect(answer.status).toBe(201);
  expect(answer.headers['set-cookie']?.[0]).toContain('; Secure');
  // Other names of this host are not in our control.
  expect(answer.headers['strict-transport-security']).toBe('max-age=15552000');
});

function postTls(
  url: string,
  body: unknown,
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, rejectUnauthorized: false };
    const sent = request(url, options, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
    });
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

test('the health page returns 503 while the store cannot be written, and 200 afterwards', async () => {
  let aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs });
  const health = async () => (await call(`${new URL(server?.url ?? '').origin}/healthz`, 'GET')).status;
  expect(await health()).toBe(200);
  const db = new Database(join(server.folder, 'netsonde.db'));
  db.exec("CREATE TRIGGER full BEFORE INSERT ON setting BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  expect(await health()).toBe(200);
  aheadMs += 2000;
  expect(await health()).toBe(503);
  db.exec('DROP TRIGGER full');
  db.close();
  aheadMs += 2000;
  expect(await health()).toBe(200);
});

test.each(['netsonde.db', 'results/intake.db'])(
  'the health page says 503 while %s is not where it was',
  async (name) => {
    let aheadMs = 0;
    server = await startServer({ now: () => Date.now() + aheadMs });
    const file = join(server.folder, name);
    const health = async () => (await call(`${new URL(server?.url ?? '').origin}/healthz`, 'GET')).status;
    expect(await health()).toBe(200);
    renameSync(file, `${file}.moved`);
    aheadMs += 2000;
    expect(await health()).toBe(503);
    renameSync(`${file}.moved`, file);
    aheadMs += 2000;
    expect(await health()).toBe(200);
  },
);

test('signed-in users can read while netsonde.db is missing, and writes are refused with the cause', async () => {
  let aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs });
  const admin = await setUp(server);
  const token = await tokenOf(server, admin, 'editor');
  const file = join(server.folder, 'netsonde.db');
  renameSync(file, `${file}.moved`);
  // After this time the server would store the last use of the session.
  aheadMs += 5 * 60_000;
  for (const who of [admin, token]) expect((await server.call('GET', '/tests', undefined, who)).status).toBe(200);
  const refused = await server.call('POST', '/users', { username: 'x', password: PASSWORD, role: 'viewer' }, admin);
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(server.log.join('')).toContain(`${file} was removed or replaced while the server runs`);
  renameSync(`${file}.moved`, file);
});
