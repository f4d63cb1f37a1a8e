import { type DnsConfig, type Service, startService, type Zone } from '@netsonde/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { calmly, calmRun, watched } from '../run/calm-run.test-support.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { dns } from './descriptor.ts';
import { dnsRunner } from './run.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const zone: Zone = {
  'one.lab.test': { records: [{ type: 'A', ttl: 300, data: '10.0.0.1' }] },
  'two.lab.test': {
    records: [
      { type: 'A', ttl: 600, data: '10.0.0.1' },
      { type: 'A', ttl: 120, data: '10.0.0.2' },
    ],
    authenticated: true,
  },
  'six.lab.test': { records: [{ type: 'AAAA', ttl: 60, data: '2001:db8::1' }] },
  'www.lab.test': { records: [{ type: 'CNAME', ttl: 30, data: 'one.lab.test' }] },
  'text.lab.test': { records: [{ type: 'TXT', ttl: 30, data: 'v=spf1 -all' }] },
  '1.0.0.10.in-addr.arpa': { records: [{ type: 'PTR', ttl: 30, data: 'one.lab.test' }] },
  'slow.lab.test': { records: [{ type: 'A', ttl: 30, data: '10.0.0.3' }], delayMs: 120 },
  'broken.lab.test': { rcode: 'SERVFAIL' },
  'private.lab.test': { rcode: 'REFUSED' },
  'mute.lab.test': { drop: true },
  'late.lab.test': { dropFirst: 1, records: [{ type: 'A', ttl: 30, data: '10.0.0.4' }] },
  'forged.lab.test': { wrongId: true, records: [{ type: 'A', ttl: 30, data: '10.0.0.5' }] },
  'rubbish.lab.test': { rubbish: true },
  'cut.lab.test': { truncate: true, records: [{ type: 'A', ttl: 30, data: '10.0.0.6' }] },
};

async function serve(config: Omit<DnsConfig, 'kind'> = {}): Promise<Service> {
  const service = await startService({ kind: 'dns', zone, ...config });
  closing.push(() => service.close());
  return service;
}

async function ask(name: string, options: Record<string, unknown>) {
  const { outcome } = await runProbe(dns, dnsRunner, name, { timeoutSeconds: 0.3, ...options });
  expect(faultsOf(dns, outcome)).toEqual([]);
  return outcome;
}

/** For questions that may be asked again: the server remembers nothing of them. */
const askCalmly = (name: string, options: Record<string, unknown>) => calmly(() => ask(name, options));

/** Each run has a server of its own. */
function askServer(name: string, options: Record<string, unknown> = {}) {
  return calmRun(async () => {
    const { facts } = await serve();
    return watched(() => ask(name, { resolver: `127.0.0.1:${facts.port}`, ...options }));
  });
}

describe('dns over UDP', () => {
  it.each([
    ['one.lab.test', { rcode: 0, answers: 1, ttl_min_s: 300, authenticated_data: false, truncated: false }],
    ['two.lab.test', { rcode: 0, answers: 2, ttl_min_s: 120, authenticated_data: true, truncated: false }],
  ])('reads what the answer for %s says', async (name, metrics) => {
    const outcome = await askServer(name, { dnssec: true });
    expect(outcome.verdict).toBe('up');
    expect(outcome.metrics).toMatchObject(metrics);
    expect(outcome.absent).toEqual({ setup_time_ms: 'not_applicable', cache_hit_pct: 'not_requested' });
  });

  it('times both datagrams by the kernel', async () => {
    const outcome = await askServer('one.lab.test');
    expect(outcome.stamps).toEqual({ kernel: 1, process: 0 });
    expect(outcome.metrics.resolution_time_ms).toBeGreaterThan(0);
  });

  it('measures the time that the resolver took', async () => {
    const quick = await askServer('one.lab.test');
    const slow = await askServer('slow.lab.test');
    expect(slow.metrics.resolution_time_ms).toBeGreaterThan(119);
    expect(quick.metrics.resolution_time_ms).toBeLessThan(Number(slow.metrics.resolution_time_ms));
  });

  it.each([
    ['AAAA', 'six.lab.test', '2001:DB8:0::1'],
    ['A', 'www.lab.test', 'One.Lab.Test.'],
    ['A', 'www.lab.test', '10.0.0.1'],
    ['TXT', 'text.lab.test', 'v=spf1 -all'],
    ['PTR', '10.0.0.1', 'one.lab.test'],
  ])('finds the expected %s of %s', async (type, name, expected) => {
    expect(await askServer(name, { type, expectAnswers: [expected] })).toMatchObject({ verdict: 'up' });
  });

  it.each([
    ['one.lab.test', { expectAnswers: ['10.9.9.9'] }, 'unexpected_answer'],
    ['one.lab.test', { expectRcode: 'NXDOMAIN' }, 'unexpected_answer'],
    ['nobody.lab.test', {}, 'nxdomain'],
    ['broken.lab.test', {}, 'servfail'],
    ['private.lab.test', {}, 'refused'],
    ['forged.lab.test', {}, 'protocol_violation'],
    ['rubbish.lab.test', {}, 'protocol_violation'],
  ])('%s with %o is down: %s', async (name, options, cause) => {
    const outcome = await askServer(name, options);
    expect(outcome).toMatchObject({ verdict: 'down', finding: { cause, side: 'target' } });
  });

  it('is down on the side of the path where the resolver stays silent', async () => {
    const outcome = await askServer('mute.lab.test', {});
    expect(outcome).toMatchObject({ verdict: 'down', finding: { cause: 'timeout', side: 'path' } });
  });

  it('is up for a missing name that must not exist', async () => {
    const outcome = await askServer('nobody.lab.test', { expectRcode: 'NXDOMAIN' });
    expect(outcome).toMatchObject({ verdict: 'up', metrics: { rcode: 3, answers: 0 } });
    expect(outcome.absent.ttl_min_s).toBe('not_offered_by_target');
  });

  it('counts messages that are not answers and continues to wait', async () => {
    const outcome = await askServer('forged.lab.test', { attempts: 3 });
    expect(outcome.detail).toMatchObject({ ignored_messages: 3, ignored_because: ['id'] });
    expect(outcome.absent).toMatchObject({ resolution_time_ms: 'run_failed' });
  });

  it('asks again after silence, and reports the loss', async () => {
    const outcome = await askServer('late.lab.test');
    expect(outcome).toMatchObject({ verdict: 'degraded', finding: { cause: 'loss' }, detail: { attempts: 2 } });
    expect(outcome.metrics.resolution_time_ms).toBeLessThan(300);
    expect(await askServer('late.lab.test', { attempts: 1 })).toMatchObject({ finding: { cause: 'timeout' } });
  });

  it('asks again over TCP when the answer was cut', async () => {
    const outcome = await askServer('cut.lab.test');
    expect(outcome).toMatchObject({
      verdict: 'up',
      metrics: { truncated: true, answers: 1 },
      stamps: { kernel: 0, process: 1 },
      detail: { asked_again_over: 'tcp', answers: [{ data: '10.0.0.6' }] },
    });
  });

  it('distinguishes a closed port from silence', async () => {
    const { facts, close } = await startService({ kind: 'dns' });
    await close();
    for (const transport of ['udp', 'tcp']) {
      const outcome = await ask('one.lab.test', { resolver: `127.0.0.1:${facts.port}`, transport });
      expect(outcome).toMatchObject({ verdict: 'down', finding: { cause: 'refused', side: 'target' } });
    }
  });

  it('asks over IPv6', async () => {
    const { facts } = await serve({ host: '::1' });
    const outcome = await ask('one.lab.test', { resolver: `[::1]:${facts.port}` });
    expect(outcome).toMatchObject({ verdict: 'up', stamps: { kernel: 1, process: 0 } });
  });

  it('does not ask for an address’s addresses', async () => {
    expect(await askServer('10.0.0.1')).toMatchObject({
      verdict: 'unknown',
      finding: { cause: 'unsupported', side: 'agent' },
    });
  });
});

describe('cache hits', () => {
  it('are what queries without recursion find: none before, all after', async () => {
    const { facts } = await serve({ caching: true, originDelayMs: 1 });
    const options = { resolver: `127.0.0.1:${facts.port}`, cacheQueries: 3 };
    expect((await ask('one.lab.test', options)).metrics.cache_hit_pct).toBe(0);
    expect((await ask('one.lab.test', options)).metrics.cache_hit_pct).toBe(100);
    expect((await ask('one.lab.test', { ...options, transport: 'tcp' })).metrics.cache_hit_pct).toBe(100);
  });

  it.each([
    ['one.lab.test', 'not_applicable'],
    ['mute.lab.test', 'timed_out'],
  ])('are absent for %s of a server without a cache: %s', async (name, reason) => {
    const outcome = await askServer(name, { cacheQueries: 2, timeoutSeconds: 0.1 });
    expect(outcome.absent.cache_hit_pct).toBe(reason);
  });
});

describe('dns over connections', () => {
  const over = async (transport: string, config: Omit<DnsConfig, 'kind'> = {}) => {
    const { facts, seen } = await serve({ encrypted: true, ...config });
    const { port, tlsPort, httpsPort, rootPem: ca } = facts;
    const resolver =
      transport === 'https'
        ? `https://127.0.0.1:${httpsPort}/dns-query`
        : `127.0.0.1:${transport === 'tls' ? tlsPort : port}`;
    return { options: { resolver, transport, ...(transport === 'tcp' ? {} : { ca }), timeoutSeconds: 2 }, seen };
  };

  it.each(['tcp', 'tls', 'https'])('answers over %s', async (transport) => {
    const { options, seen } = await over(transport);
    const outcome = await askCalmly('two.lab.test', options);
    expect(outcome).toMatchObject({
      verdict: 'up',
      metrics: { rcode: 0, answers: 2 },
      stamps: { kernel: 0, process: 1 },
    });
    expect(outcome.absent).toMatchObject({ truncated: 'not_applicable', authenticated_data: 'not_requested' });
    expect(outcome.metrics.setup_time_ms).toBeGreaterThan(0);
    expect(seen().at(-1)).toMatchObject({ transport, name: 'two.lab.test' });
  });

  it.each(['tcp', 'tls', 'https'])('waits for a slow answer over %s, and not for ever', async (transport) => {
    const { options } = await over(transport);
    const outcome = await ask('slow.lab.test', options);
    expect(outcome.metrics.resolution_time_ms).toBeGreaterThan(119);
    expect(await askCalmly('mute.lab.test', { ...options, timeoutSeconds: 0.2 })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'timeout' },
    });
  });

  it('counts a slow handshake as set-up, not as resolution', async () => {
    const { options } = await over('tls', { handshakeDelayMs: 150 });
    const { metrics } = await askCalmly('one.lab.test', options);
    expect(metrics.setup_time_ms).toBeGreaterThan(140);
    const quick = await askCalmly('one.lab.test', (await over('tls')).options);
    expect(quick.metrics.setup_time_ms).toBeLessThan(Number(metrics.setup_time_ms));
  });

  it.each(['tls', 'https'])('judges certificates over %s', async (transport) => {
    const { options } = await over(transport);
    const cause = async (change: Record<string, unknown>) =>
      (await ask('one.lab.test', { ...options, ...change })).finding?.cause;
    expect(await cause({ ca: '' })).toBe('certificate_untrusted');
    expect(await cause({ serverName: 'other.test' })).toBe('name_mismatch');
    expect(await cause({ serverName: 'lab.test' })).toBe(undefined);
    expect(await cause({ ca: '', verifyCertificate: false })).toBe(undefined);
  });

  it('finds expired certificates', async () => {
    const { options } = await over('tls', { certificate: { fromDays: -3, untilDays: -1 } });
    expect((await ask('one.lab.test', options)).finding?.cause).toBe('certificate_expired');
  });

  it.each(['tls', 'https'])('asks several questions on one connection over %s', async (transport) => {
    const { options, seen } = await over(transport, { caching: true, originDelayMs: 1 });
    const asked = { ...options, cacheQueries: 2 };
    expect((await ask('one.lab.test', asked)).metrics.cache_hit_pct).toBe(0);
    expect((await ask('one.lab.test', asked)).metrics.cache_hit_pct).toBe(100);
    expect(seen()).toHaveLength(6);
  });

  it.each(['udp', 'tcp', 'tls', 'https'])('is cancelled at once over %s', async (transport) => {
    const { options } = await over(transport);
    const stop = new AbortController();
    const onObservation = () => void setTimeout(() => stop.abort(), 30);
    const patient = { ...options, timeoutSeconds: 60 };
    const { outcome, stopped } = await runProbe(dns, dnsRunner, 'mute.lab.test', patient, {
      signal: stop.signal,
      onObservation,
    });
    expect(stopped).toBe('cancelled');
    expect(outcome).toMatchObject({ verdict: 'unknown', finding: { cause: 'cancelled', side: 'agent' } });
    expect(faultsOf(dns, outcome)).toEqual([]);
  });

  it('reports a port without TLS', async () => {
    const { facts } = await serve();
    const outcome = await askCalmly('one.lab.test', { resolver: `127.0.0.1:${facts.port}`, transport: 'tls' });
    expect(outcome.verdict).toBe('down');
    expect(['tls_failed', 'timeout', 'closed_early']).toContain(outcome.finding?.cause);
  });

  it('reports a wrong path', async () => {
    const { options } = await over('https');
    const outcome = await ask('one.lab.test', { ...options, resolver: options.resolver.replace('dns-query', 'wrong') });
    expect(outcome).toMatchObject({ verdict: 'down', finding: { cause: 'unexpected_status' } });
  });
});
