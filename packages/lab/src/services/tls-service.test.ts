import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import type { Service } from './service.ts';
import { startTls, type TlsConfig } from './tls-service.ts';

const running: Service[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

async function handshake(config: Omit<TlsConfig, 'kind'>, options: ConnectionOptions = {}) {
  const service = await startTls({ kind: 'tls', ...config });
  running.push(service);
  const began = performance.now();
  // Node's types omit the request for a stapled response.
  const wanted: ConnectionOptions & { requestOCSP: boolean } = {
    host: '127.0.0.1',
    port: service.facts.port,
    servername: 'lab.test',
    ca: service.facts.rootPem ?? '',
    rejectUnauthorized: false,
    requestOCSP: true,
    ...options,
  };
  const socket = connect(wanted);
  let staple: Buffer | null = null;
  socket.on('OCSPResponse', (response: Buffer | null) => {
    staple = response;
  });
  await once(socket, 'secureConnect');
  const leaf = socket.getPeerX509Certificate();
  const result = {
    error: socket.authorizationError as unknown as string | null,
    protocol: socket.getProtocol(),
    leaf,
    staple: staple as Buffer | null,
    tookMs: performance.now() - began,
    facts: service.facts,
  };
  socket.destroy();
  return result;
}

test.each<[string, Omit<TlsConfig, 'kind'>, string | null]>([
  ['a valid chain', {}, null],
  ['signed by the root', { certificate: { signer: 'root' } }, null],
  ['an RSA key', { certificate: { keyType: 'rsa' } }, null],
  ['expired', { certificate: { untilDays: -2 } }, 'CERT_HAS_EXPIRED'],
  ['not yet valid', { certificate: { fromDays: 2 } }, 'CERT_NOT_YET_VALID'],
  ['self-signed', { certificate: { signer: 'self' } }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['an unknown authority', { certificate: { signer: 'stranger' } }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['a missing intermediate', { certificate: { sendIntermediate: false } }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['another name', { certificate: { names: ['other.test'] } }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('%s is judged by a TLS client as made', async (_, config, expected) => {
  const { error } = await handshake(config);
  if (expected === null) expect(error).toBeNull();
  else expect((error as unknown as { code?: string } | null)?.code ?? error).toBe(expected);
});

test('the certificate expires at the requested second', async () => {
  const { leaf, facts } = await handshake({ certificate: { untilDays: 3.5 } });
  expect(new Date(leaf?.validTo ?? '').getTime()).toBe(facts.notAfterMs);
  expect(Math.abs((facts.notAfterMs ?? 0) - (Date.now() + 3.5 * 86_400_000))).toBeLessThan(60_000);
});

test('an OCSP response is stapled on request', async () => {
  const { staple, leaf } = await handshake({ certificate: { staple: 'good' } });
  const serial = Buffer.from((leaf as X509Certificate).serialNumber, 'hex');
  expect(staple?.includes(serial)).toBe(true);
  expect((await handshake({})).staple).toBeNull();
});

test('the TLS version can be limited, and the handshake delayed', async () => {
  const { protocol, tookMs } = await handshake({ maxVersion: 'TLSv1.2', handshakeDelayMs: 100 });
  expect(protocol).toBe('TLSv1.2');
  expect(tookMs).toBeGreaterThanOrEqual(99);
});
