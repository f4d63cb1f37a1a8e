import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { makeAuthority, type Service, startService } from '@netsonde/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { calmly } from '../run/calm-run.test-support.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { dns } from './descriptor.ts';
import { dnsRunner } from './run.ts';

/** A proxy that supports HTTP/2 only and forwards each question to a real DNS server. */
const authority = makeAuthority();
let server: Http2SecureServer;
let behind: Service;

beforeAll(async () => {
  const zone = {
    'one.lab.test': { records: [{ type: 'A', ttl: 300, data: '10.0.0.1' }] },
    'mute.lab.test': { drop: true },
  } as const;
  behind = await startService({ kind: 'dns', zone });
  const leaf = authority.issue({ names: ['127.0.0.1'] });
  server = createSecureServer({ key: leaf.keyPem, cert: leaf.chainPem });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    const path = headers[':path'];
    if (path === '/reset') stream.close(2);
    else if (path === '/text') stream.respond({ ':status': 200, 'content-type': 'text/html' }, { endStream: true });
    else if (path === '/refused') stream.respond({ ':status': 403 }, { endStream: true });
    else {
      if (path === '/once') stream.session?.goaway();
      void passOn(stream);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  await behind.close();
});

async function passOn(stream: ServerHttp2Stream): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const socket = createSocket('udp4');
  stream.once('close', () => socket.close());
  socket.once('message', (answer) => {
    stream.respond({ ':status': 200, 'content-type': 'application/dns-message' });
    stream.end(answer);
  });
  socket.send(Buffer.concat(chunks), behind.facts.port, '127.0.0.1');
}

async function ask(path: string, name = 'one.lab.test', more: object = {}) {
  const { port } = server.address() as AddressInfo;
  const options = { transport: 'https', resolver: `https://127.0.0.1:${port}${path}`, ca: authority.rootPem };
  const { outcome } = await runProbe(dns, dnsRunner, name, { ...options, timeoutSeconds: 0.5, ...more });
  expect(faultsOf(dns, outcome)).toEqual([]);
  return outcome;
}

describe('dns over HTTP/2', () => {
  it('is spoken where the server offers it', async () => {
    const outcome = await calmly(() => ask('/dns-query'));
    expect(outcome).toMatchObject({ verdict: 'up', metrics: { answers: 1, ttl_min_s: 300 } });
    expect(outcome.detail.protocol).toContain('h2');
    expect(outcome.metrics.setup_time_ms).toBeGreaterThan(0);
  });

  it.each([
    ['/reset', 'protocol_violation'],
    ['/text', 'protocol_violation'],
    ['/refused', 'unexpected_status'],
  ])('%s is down: %s', async (path, cause) => {
    expect(await ask(path)).toMatchObject({ verdict: 'down', finding: { cause, side: 'target' } });
  });

  it('reports that a resolver accepts no second question on its connection', async () => {
    expect(await ask('/once')).toMatchObject({ verdict: 'up' });
    const asked = await ask('/once', 'one.lab.test', { cacheQueries: 1 });
    expect(asked).toMatchObject({ verdict: 'down', finding: { cause: 'closed_early', side: 'target' } });
  });

  it('does not wait for ever', async () => {
    const outcome = await calmly(() => ask('/dns-query', 'mute.lab.test'));
    expect(outcome).toMatchObject({ verdict: 'down', finding: { cause: 'timeout' } });
  });
});
