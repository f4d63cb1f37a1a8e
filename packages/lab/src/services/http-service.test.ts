import { Agent, get, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { type HttpSeen, startHttp } from './http-service.ts';
import type { Service } from './service.ts';

const running: Service[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

async function start(config: Parameters<typeof startHttp>[0]): Promise<Service> {
  const service = await startHttp(config);
  running.push(service);
  return service;
}

interface FetchedReply {
  response: IncomingMessage;
  body: Buffer;
  cut: boolean;
  firstByteMs: number;
}

function fetchPath(
  service: Service,
  path: string,
  options: RequestOptions & { ca?: string } = {},
): Promise<FetchedReply> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      const firstByteMs = performance.now() - began;
      const chunks: Buffer[] = [];
      let cut = false;
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => {
        cut = true;
      });
      response.on('close', () => resolve({ response, body: Buffer.concat(chunks), cut, firstByteMs }));
    };
    const request = { host: '127.0.0.1', port: service.facts.port, path, ...options };
    (service.facts.kind === 'https' ? getSecure(request, take) : get(request, take)).on('error', reject);
  });
}

test('the query sets status, size and headers of the answer', async () => {
  const service = await start({ kind: 'http' });
  const { response, body } = await fetchPath(service, '/?status=503&bodyBytes=1234&header=Server-Timing:+db;dur=12');
  expect(response.statusCode).toBe(503);
  expect(body.length).toBe(1234);
  expect(response.headers['server-timing']).toBe('db;dur=12');
});

test('a delay is before the first byte', async () => {
  const service = await start({ kind: 'http', behaviour: { delayMs: 80 } });
  expect((await fetchPath(service, '/')).firstByteMs).toBeGreaterThanOrEqual(79);
});

test('redirects count down and end', async () => {
  const service = await start({ kind: 'http' });
  const first = await fetchPath(service, '/a?redirects=2');
  expect(first.response.statusCode).toBe(302);
  const second = await fetchPath(service, first.response.headers.location ?? '');
  expect(second.response.statusCode).toBe(302);
  const third = await fetchPath(service, second.response.headers.location ?? '');
  expect(third.response.statusCode).toBe(200);
});

test('gzip is sent only to clients that accept it', async () => {
  const service = await start({ kind: 'http', behaviour: { bodyBytes: 50_000, gzip: true } });
  const plain = await fetchPath(service, '/');
  const packed = await fetchPath(service, '/', { headers: { 'Accept-Encoding': 'gzip' } });
  expect(plain.body.length).toBe(50_000);
  expect(packed.body.length).toBeLessThan(5000);
  expect(gunzipSync(packed.body)).toEqual(plain.body);
});

test('a revalidation is answered with 304', async () => {
  const service = await start({ kind: 'http', behaviour: { etag: '"v1"' } });
  const { response } = await fetchPath(service, '/', { headers: { 'If-None-Match': '"v1"' } });
  expect(response.statusCode).toBe(304);
});

test('a truncated body is shorter than declared', async () => {
  const service = await start({ kind: 'http' });
  const { response, body, cut } = await fetchPath(service, '/?bodyBytes=10000&cutAfterBytes=100');
  expect(response.headers['content-length']).toBe('10000');
  expect(body.length).toBe(100);
  expect(cut).toBe(true);
});

test('the edge answers a second request from its cache, and a forced one from the origin', async () => {
  const service = await start({ kind: 'http', behaviour: { edge: true, originDelayMs: 60 } });
  const miss = await fetchPath(service, '/x');
  const hit = await fetchPath(service, '/x');
  const forced = await fetchPath(service, '/x', { headers: { 'Cache-Control': 'no-cache' } });
  expect(miss.response.headers['cache-status']).toContain('fwd=uri-miss');
  expect(hit.response.headers['cache-status']).toContain('hit');
  expect(hit.response.headers.age).toBe('0');
  expect(forced.firstByteMs).toBeGreaterThanOrEqual(59);
});

test('kept and closed connections are counted', async () => {
  const service = await start({ kind: 'http' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of ['/', '/', '/?keepAlive=0', '/']) {
    await fetchPath(service, path, { agent });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  agent.destroy();
  expect((service.seen() as HttpSeen[]).map((request) => request.connection)).toEqual([1, 1, 1, 2]);
});

test('an https client must trust the root of the lab', async () => {
  const service = await start({ kind: 'https' });
  const ca = service.facts.rootPem ?? '';
  const { body } = await fetchPath(service, '/?body=hello', { ca, agent: false });
  expect(body.toString()).toBe('hello');
  await expect(fetchPath(service, '/', { agent: false })).rejects.toThrow(/self-signed|unable/);
});
