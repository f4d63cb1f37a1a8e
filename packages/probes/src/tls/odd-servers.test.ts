import { constants } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { type LeafOptions, makeAuthority } from '@netsonde/lab';
import { afterEach, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { dns } from '../dns/descriptor.ts';
import { dnsRunner } from '../dns/run.ts';
import { calmly } from '../run/calm-run.test-support.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { tls } from './descriptor.ts';
import { tlsRunner } from './run.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const authority = makeAuthority();

/** A TLS server on loopback that reads everything and sends nothing; it ends with the test. */
async function serve(
  options: TlsOptions,
  leaf: LeafOptions = {},
  serveClient: (socket: TLSSocket) => void = (socket) => void socket.resume(),
) {
  const { keyPem: key, chainPem: cert } = authority.issue({ names: ['127.0.0.1'], ...leaf });
  const server = createServer({ key, cert, ...options }, (socket) => {
    socket.on('error', () => {});
    serveClient(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(target: string, options: Readonly<Record<string, unknown>> = {}) {
  const { outcome } = await calmly(() =>
    runProbe(tls, tlsRunner, target, { timeoutSeconds: 5, ca: authority.rootPem, ...options }),
  );
  expect(faultsOf(tls, outcome)).toEqual([]);
  return outcome;
}

const VERSIONS = [{ version: 'TLSv1.2' }, { version: 'TLSv1.3' }] as const;

describe('a server that wants a client certificate', () => {
  const demanding = { requestCert: true, rejectUnauthorized: true, ca: authority.rootPem };

  test.each(VERSIONS)('over $version is degraded, with all that its own certificate says', async ({ version }) => {
    const target = await serve({ ...demanding, minVersion: version, maxVersion: version });
    const outcome = await run(target);
    expect(outcome).toMatchObject({
      verdict: 'degraded',
      finding: { cause: 'client_certificate_required', side: 'target' },
      metrics: { chain_valid: true, name_matches: true, protocol: version, key_type: 'EC prime256v1' },
    });
    expect(outcome.metrics.days_left).toBeCloseTo(30, 1);
    const unknown = version === 'TLSv1.2' ? { handshake_time_ms: 'run_failed', cipher: 'run_failed' } : {};
    expect(outcome.absent).toEqual(unknown);
  });

  test.each(VERSIONS)(
    'over $version with a certificate of its own that does not verify is down',
    async ({ version }) => {
      const target = await serve({ ...demanding, minVersion: version, maxVersion: version });
      expect(await run(target, { ca: '' })).toMatchObject({
        verdict: 'down',
        finding: { cause: 'certificate_untrusted' },
        metrics: { chain_valid: false },
      });
    },
  );

  test.each(VERSIONS)('over $version only if there is one is up', async ({ version }) => {
    const asking = { requestCert: true, rejectUnauthorized: false, minVersion: version, maxVersion: version };
    expect(await run(await serve(asking))).toMatchObject({ verdict: 'up' });
  });

  test('and a resolver over TLS that does so is down, for the same cause in both versions', async () => {
    for (const { version } of VERSIONS) {
      const resolver = await serve({ ...demanding, minVersion: version, maxVersion: version });
      const options = { resolver, transport: 'tls', ca: authority.rootPem, timeoutSeconds: 2 };
      const { outcome } = await calmly(() => runProbe(dns, dnsRunner, 'one.lab.test', options));
      expect(outcome).toMatchObject({
        verdict: 'down',
        finding: { cause: 'client_certificate_required', side: 'target' },
      });
    }
  });

  test.each([40, 42])('is distinguished from one that refuses with alert %d and wants none', async (alert) => {
    const target = await refusing(await serve({ maxVersion: 'TLSv1.2' }), alert);
    expect(await run(target)).toMatchObject({ verdict: 'down', finding: { cause: 'tls_failed', side: 'target' } });
  });

  test('is distinguished from one without a common cipher', async () => {
    const target = await serve({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    expect(await run(target)).toMatchObject({ verdict: 'down', finding: { cause: 'tls_failed' } });
  });
});

describe('after a good handshake', () => {
  test.each([
    ['says nothing and sends no tickets', { secureOptions: constants.SSL_OP_NO_TICKET }, undefined],
    ['speaks first', {}, endWith('220 ready\r\n')],
    ['closes', {}, endWith('')],
    ['breaks the connection', {}, breakOff],
  ] satisfies [string, TlsOptions, ((socket: TLSSocket) => void) | undefined][])(
    'a server that %s is up',
    async (_, options, serveClient) => {
      const target = await serve({ ...options, minVersion: 'TLSv1.3' }, {}, serveClient);
      expect(await run(target)).toMatchObject({ verdict: 'up', metrics: { protocol: 'TLSv1.3' } });
    },
  );
});

describe('names and anchors', () => {
  test('a certificate with only a common name matches no name', async () => {
    const target = await serve({}, { commonName: '127.0.0.1', names: [] });
    expect(await run(target, { servername: 'lab.test' })).toMatchObject({ finding: { cause: 'name_mismatch' } });
    const named = await serve({}, { commonName: 'lab.test', names: [] });
    expect(await run(named, { servername: 'lab.test' })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'name_mismatch', side: 'target' },
      metrics: { name_matches: false, chain_valid: true },
    });
  });

  test.each([true, false])(
    'an intermediate as authority is enough (sent by the server: %s)',
    async (sendIntermediate) => {
      const target = await serve({}, { sendIntermediate });
      const outcome = await run(target, { ca: authority.intermediatePem });
      expect(outcome).toMatchObject({ verdict: 'up', metrics: { chain_valid: true } });
      expect(outcome.detail.timed_check).toBeUndefined();
      expect(outcome.detail.chain).toMatchObject([{ subject: 'CN=127.0.0.1' }, { subject: 'CN=Lab Intermediate' }]);
    },
  );

  test('an intermediate of another authority is not', async () => {
    const target = await serve({});
    expect(await run(target, { ca: makeAuthority().intermediatePem })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'certificate_untrusted' },
    });
  });
});

describe('certificates that are made to cost time or memory', () => {
  test('a chain of 100 is followed to its end', async () => {
    const outcome = await run(await serve({}, { intermediates: 98 }));
    expect(outcome).toMatchObject({
      verdict: 'up',
      detail: { certificates_sent: 99, chain_left_out: 90 },
    });
    expect(outcome.detail.timed_check).toBeUndefined();
  });

  test.each([
    ['4,000 names', { names: ['127.0.0.1', ...numbered(4000)] }],
    ['one name of 60,000 bytes', { names: ['127.0.0.1', 'a'.repeat(60_000)] }],
  ])('one with %s is judged, and shown in part', async (_, leaf) => {
    const outcome = await run(await serve({}, leaf));
    expect(outcome).toMatchObject({ verdict: 'up', metrics: { name_matches: true } });
    expect(JSON.stringify(outcome.detail).length).toBeLessThan(20_000);
  });

  test.each([
    ['10,000 names', { names: ['127.0.0.1', ...numbered(10_000)] }],
    ['1 MB', { names: ['127.0.0.1', ...Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(50_000, 'a'))] }],
    ['400 intermediates', { intermediates: 400 }],
  ])('%s are more than OpenSSL reads: unknown, with the bound named', async (_, leaf) => {
    expect(await run(await serve({}, leaf))).toMatchObject({
      verdict: 'unknown',
      finding: { cause: 'local_resource', side: 'agent', operation: expect.stringContaining('102,400 bytes') },
    });
  });
});

/** In front of a server: passes its hello and certificates on, then refuses with this alert what the client says to it. */
async function refusing(server: string, alert: number): Promise<string> {
  const front = createTcpServer((client) => {
    const behind = connect({ host: '127.0.0.1', port: Number(server.split(':')[1]) });
    for (const socket of [client, behind]) socket.on('error', () => {});
    behind.pipe(client, { end: false });
    client.once('data', (hello) => {
      behind.write(hello);
      client.once('data', () => client.end(Buffer.from([21, 3, 3, 0, 2, 2, alert])));
    });
    client.on('close', () => behind.destroy());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  closing.push(() => front.close());
  return `127.0.0.1:${(front.address() as AddressInfo).port}`;
}

function endWith(text: string): (socket: TLSSocket) => void {
  return (socket) => void socket.end(text);
}

function breakOff(socket: TLSSocket): void {
  setTimeout(() => socket.destroy(), 20);
}

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `n${at}.lab.test`);
}
