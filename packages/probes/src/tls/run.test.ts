import { type Service, type ServiceConfig, startService, type TlsSeen } from '@netsonde/lab';
import { afterEach, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { calmly } from '../run/calm-run.test-support.ts';
import { type Control, runProbe, suiteHost } from '../run/run-probe.test-support.ts';
import { tls } from './descriptor.ts';
import type { TlsObservation } from './observation.ts';
import { tlsRunner } from './run.ts';

const DAY_MS = 86_400_000;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Served = Service & { readonly target: string; readonly ca: string };

async function serve(config: Partial<Extract<ServiceConfig, { kind: 'tls' }>> = {}): Promise<Served> {
  return listen({ kind: 'tls', ...config });
}

async function listen(config: ServiceConfig): Promise<Served> {
  const service = await startService(config);
  closing.push(() => service.close());
  return { ...service, target: `127.0.0.1:${service.facts.port}`, ca: service.facts.rootPem ?? '' };
}

async function run(target: string, options: Record<string, unknown> = {}, control: Control = {}) {
  const execution = await runProbe(tls, tlsRunner, target, { timeoutSeconds: 5, ...options }, control);
  expect(faultsOf(tls, execution.outcome)).toEqual([]);
  return execution;
}

const said = ({ outcome }: Awaited<ReturnType<typeof run>>) => [
  outcome.verdict,
  outcome.finding?.cause,
  outcome.finding?.side,
];

describe('a handshake', () => {
  test('asks for a name without its last dot, and finds it in the certificate', async () => {
    const { target, ca, seen } = await serve({ certificate: { names: ['name.test'] } });
    const { outcome } = await run(target, { ca, servername: 'name.test.' });
    expect([outcome.verdict, outcome.metrics.name_matches]).toEqual(['up', true]);
    expect((seen() as TlsSeen[])[0]?.serverName).toBe('name.test');
  });

  test.each([
    { untilDays: 30, keyType: 'ec', staple: 'good', maxVersion: 'TLSv1.3', key: 'EC prime256v1', protocol: 'TLSv1.3' },
    { untilDays: 90, keyType: 'rsa', staple: undefined, maxVersion: 'TLSv1.2', key: 'RSA 2048', protocol: 'TLSv1.2' },
  ] as const)(
    'tells what the server presents: $key over $protocol',
    async ({ untilDays, keyType, staple, maxVersion, key, protocol }) => {
      const certificate = { untilDays, keyType, ...(staple === undefined ? {} : { staple }) };
      const { target, ca, facts, seen } = await serve({ certificate, maxVersion });
      const { outcome } = await calmly(() => run(target, { ca }));
      expect(outcome.verdict).toBe('up');
      const { metrics } = outcome;
      expect(metrics).toMatchObject({
        chain_valid: true,
        name_matches: true,
        ocsp_stapled: staple !== undefined,
        protocol,
        key_type: key,
      });
      expect(metrics.days_left).toBeCloseTo((Number(facts.notAfterMs) - Date.now()) / DAY_MS, 3);
      expect(Number(metrics.connect_time_ms)).toBeGreaterThan(0);
      expect(Number(metrics.handshake_time_ms)).toBeGreaterThan(0);
      expect(Number(metrics.validation_time_ms)).toBeGreaterThan(0);
      const [first] = seen() as TlsSeen[];
      expect(first?.protocol).toBe(protocol);
      expect(metrics.cipher).toMatch(protocol === 'TLSv1.3' ? /^TLS_AES/ : /^TLS_ECDHE_RSA/);
    },
  );

  test.each([0, 150])(
    'held back by %d ms takes that much longer, and the connection does not',
    async (handshakeDelayMs) => {
      const { target, ca } = await serve({ handshakeDelayMs });
      const { outcome } = await calmly(() => run(target, { ca }));
      const { handshake_time_ms: handshake, connect_time_ms: connect } = outcome.metrics;
      // The server's delay begins when it accepts; this process may notice the connection later than that.
      expect(Number(handshake)).toBeGreaterThan(handshakeDelayMs / 2);
      if (handshakeDelayMs > 0) expect(Number(connect)).toBeLessThan(Number(handshake));
    },
  );

  test('knows the certificate of the chain that ends first', async () => {
    const early = await serve({ certificate: { untilDays: 20 } });
    const late = await serve({ certificate: { untilDays: 400 } });
    const first = (await run(early.target, { ca: early.ca })).outcome.metrics;
    const second = (await run(late.target, { ca: late.ca })).outcome.metrics;
    expect(first.chain_days_left).toBe(first.days_left);
    const intermediateDays = (Number(late.facts.intermediateNotAfterMs) - Date.now()) / DAY_MS;
    expect(second.chain_days_left).toBeCloseTo(intermediateDays, 3);
    expect(Number(second.days_left)).toBeGreaterThan(390);
  });

  test('keeps the chain up to the root', async () => {
    const { target, ca } = await serve({ certificate: { names: ['lab.test', '127.0.0.1'] } });
    const { outcome } = await run(target, { ca });
    expect(outcome.detail.chain).toMatchObject([
      { subject: 'CN=lab.test', issuer: 'CN=Lab Intermediate', names: ['lab.test', '127.0.0.1'], key: 'EC prime256v1' },
      { subject: 'CN=Lab Intermediate', issuer: 'CN=Lab Root' },
      { subject: 'CN=Lab Root', issuer: 'CN=Lab Root' },
    ]);
    expect(outcome.detail.certificates_sent).toBe(2);
    expect(outcome.detail.timed_check).toBeUndefined();
  });

  test('sends the given server name, and offers protocols', async () => {
    const { target, ca, seen } = await listen({ kind: 'https', certificate: { names: ['lab.test'] } });
    const { outcome } = await run(target, { ca, servername: 'lab.test', alpn: ['h2', 'http/1.1'] });
    expect([outcome.verdict, outcome.detail.alpn]).toEqual(['up', 'http/1.1']);
    const bare = await serve({ certificate: { names: ['lab.test'] } });
    await run(bare.target, { ca: bare.ca, servername: 'lab.test' });
    expect((bare.seen() as TlsSeen[]).map(({ serverName }) => serverName)).toEqual(['lab.test']);
    expect(seen()).toEqual([]);
  });
});

describe('a certificate', () => {
  test.each([
    ['that has ended', { untilDays: -2 }, 'certificate_expired', false],
    ['that does not hold yet', { fromDays: 2, untilDays: 9 }, 'certificate_not_yet_valid', false],
    ['that signed itself', { signer: 'self' }, 'certificate_untrusted', false],
    ['of an authority that nobody trusts', { signer: 'stranger' }, 'certificate_untrusted', false],
    ['whose issuer was not sent', { sendIntermediate: false }, 'certificate_untrusted', false],
    ['for another name', { names: ['elsewhere.test'] }, 'name_mismatch', true],
  ] as const)('%s means down', async (_, certificate, cause, valid) => {
    const { target, ca } = await serve({ certificate });
    const execution = await run(target, { ca });
    expect(said(execution)).toEqual(['down', cause, 'target']);
    const { metrics, detail } = execution.outcome;
    expect(metrics).toMatchObject({ chain_valid: valid, name_matches: cause !== 'name_mismatch' });
    expect(detail.timed_check).toBeUndefined();
    if (cause === 'certificate_expired') expect(metrics.days_left).toBeCloseTo(-2, 2);
  });

  test('of a root that is not among the trusted', async () => {
    const { target } = await serve();
    expect(said(await run(target))).toEqual(['down', 'certificate_untrusted', 'target']);
  });

  test('that ends soon is degraded', async () => {
    const { target, ca } = await serve({ certificate: { untilDays: 10 } });
    expect(said(await run(target, { ca }))).toEqual(['up', undefined, undefined]);
    expect(said(await run(target, { ca, minDaysLeft: 14 }))).toEqual(['degraded', 'threshold_exceeded', 'target']);
  });
});

describe('no handshake', () => {
  test.each([
    ['refused', { kind: 'peer', behaviour: 'refusing' }, 'refused'],
    ['silent', { kind: 'peer', behaviour: 'silent' }, 'timeout'],
    ['half-open', { kind: 'peer', behaviour: 'half_open' }, 'closed_early'],
    [
      'speaking HTTP',
      { kind: 'peer', behaviour: 'truncating', text: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
      'tls_failed',
    ],
    ['cut short', { kind: 'peer', behaviour: 'truncating', text: '\u0016\u0003\u0003' }, 'closed_early'],
    ['reset', { kind: 'peer', behaviour: 'resetting', text: 'x' }, 'reset'],
  ] as const)('with a peer that is %s', async (_, config, cause) => {
    const { target } = await listen(config);
    const execution = await calmly(() => run(target, { timeoutSeconds: 1 }));
    expect(said(execution)).toEqual(['down', cause, 'target']);
    expect(execution.outcome.finding?.operation).toContain(target);
    expect('connect_time_ms' in execution.outcome.metrics).toBe(cause !== 'refused');
    expect(execution.outcome.absent.handshake_time_ms).toBe(cause === 'timeout' ? 'timed_out' : 'run_failed');
    expect(execution.log.length).toBeGreaterThan(0);
  });

  test('with a peer that talks rubbish', async () => {
    const { target } = await listen({ kind: 'peer', behaviour: 'rubbish' });
    const [verdict, cause] = said(await run(target));
    // Random bytes can look like the start of a record whose rest never arrives.
    expect([verdict, cause === 'closed_early' ? 'tls_failed' : cause]).toEqual(['down', 'tls_failed']);
  });

  test('where both ends agree on no cipher suite', async () => {
    const { target, ca } = await serve({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    expect(said(await run(target, { ca }))).toEqual(['down', 'tls_failed', 'target']);
  });

  test('with unreadable authorities is unknown, on the agent’s side', async () => {
    const { target } = await serve();
    const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(said(await run(target, { ca }))).toEqual(['unknown', 'unsupported', 'agent']);
  });
});

describe('a run', () => {
  test('that is cancelled in the handshake ends at once, unknown', async () => {
    const { target } = await listen({ kind: 'peer', behaviour: 'silent' });
    const { outcome, stopped } = await run(target, { timeoutSeconds: 20 }, { signal: AbortSignal.timeout(150) });
    expect([outcome.verdict, outcome.finding?.cause, stopped]).toEqual(['unknown', 'cancelled', 'cancelled']);
  });

  test("asks the agent's policy about the address it is connected to", async () => {
    const { target } = await serve();
    let asked = 0;
    const policy = { refusal: () => (++asked < 2 ? null : 'loopback is not allowed') };
    expect(said(await run(target, {}, { host: { ...suiteHost, policy } }))).toEqual(['unknown', 'policy', 'agent']);
  });

  test('describes its observations as they arrive', async () => {
    const { target, ca } = await serve();
    const lines: (string | null)[] = [];
    const onObservation = (seen: unknown) => lines.push(tlsRunner.describe(seen as TlsObservation));
    await run(target, { ca }, { onObservation });
    expect(lines).toEqual([expect.stringMatching(/^127\.0\.0\.1: TLSv1\.3 in .* chain valid$/)]);
  });
});
