import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../api/server.test-support.ts';
import { exchange, requestText } from './raw-request.test-support.ts';

let server: TestServer;
const warnings: string[] = [];
const onWarning = (warning: Error) => void warnings.push(warning.name);

beforeAll(async () => {
  process.on('warning', onWarning);
  server = await startServer();
});
afterAll(async () => {
  process.off('warning', onWarning);
  await server.close();
});

const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA' };
const webSocket = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
};
const get = (path: string, headers: Readonly<Record<string, string>>) => requestText(server.url, 'GET', path, headers);
const statuses = (answers: string): number[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

test('forty pipelined requests that offer h2c are answered in order, without leaking listeners', async () => {
  const paths = Array.from({ length: 40 }, (_, place) => (place % 2 === 0 ? '/healthz' : '/nothing'));
  const sent = paths.map((path) => get(path, offer)).join('') + get('/api/v1/me', { connection: 'close' });
  const answers = await exchange(server.url, sent);
  expect(statuses(answers)).toEqual([...paths.map((path) => (path === '/healthz' ? 200 : 404)), 401]);
  expect(warnings).toEqual([]);
});

test('an upgrade offer waits until earlier pipelined requests are answered', async () => {
  const plain = { connection: 'keep-alive' };
  const sent =
    get('/healthz', plain) +
    get('/api/v1/me', plain) +
    get('/nothing', offer) +
    get('/healthz', plain) +
    get('/api/v1/me', offer) +
    get('/nothing', { connection: 'close' });
  expect(statuses(await exchange(server.url, sent))).toEqual([200, 401, 404, 200, 401, 404]);
});

test('a session requested after other pipelined requests opens after their responses', async () => {
  const answers = exchange(
    server.url,
    get('/healthz', { connection: 'keep-alive' }) + get('/agent/session', { ...webSocket, 'netsonde-server': 'x' }),
  );
  expect(statuses(await answers)).toEqual([200, 421]);
});
