import { LAB_ADDRESSES, type Lab, openLab } from '@netsonde/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { openProber, type Prober } from '../run/run-in-host.test-support.ts';
import { http } from './descriptor.ts';

let lab: Lab;
let prober: Prober;
let ports: readonly number[];
let ca: string;

beforeAll(async () => {
  lab = await openLab({ services: [{ kind: 'http', behaviour: { delayMs: 30 } }, { kind: 'https' }] });
  prober = openProber(lab.measuring);
  ports = lab.running.facts.map(({ port }) => port);
  ca = lab.running.facts[1]?.rootPem ?? '';
});
afterAll(async () => {
  await prober?.close();
  await lab?.close();
});

async function run(scheme: 'http' | 'https', address: string, options: Record<string, unknown> = {}) {
  const host = address.includes(':') ? `[${address}]` : address;
  const port = ports[scheme === 'http' ? 0 : 1];
  const { outcome } = await prober.run('http', `${scheme}://${host}:${port}/`, { ca, ...options });
  expect(faultsOf(http, outcome)).toEqual([]);
  return outcome;
}

describe('the phases over the lab', () => {
  test.each([20, 60])(
    'over a path with an RTT of %d ms take as many round trips as the protocols need',
    async (rtt) => {
      await lab.setPath({ forward: { delayMs: rtt / 2 }, backward: { delayMs: rtt / 2 } });
      const plain = await run('http', LAB_ADDRESSES.services4);
      expect(plain.verdict).toBe('up');
      const { connect_time_ms: connect, ttfb_ms: ttfb } = plain.metrics;
      expect(Number(connect)).toBeGreaterThanOrEqual(rtt - 0.5);
      // Connecting, then the request there, 30 ms of the server, and the answer back.
      expect(Number(ttfb)).toBeGreaterThanOrEqual(2 * rtt + 29);
      const secure = await run('https', LAB_ADDRESSES.services6);
      expect(secure.verdict).toBe('up');
      // TLS 1.3 takes one round trip.
      expect(Number(secure.metrics.tls_time_ms)).toBeGreaterThanOrEqual(rtt - 0.5);
      expect(Number(secure.metrics.ttfb_ms)).toBeGreaterThanOrEqual(3 * rtt - 1);
    },
  );

  test('kept connections are used over a path with delay', async () => {
    await lab.setPath({ forward: { delayMs: 20 }, backward: { delayMs: 20 } });
    const { metrics, samples } = await run('http', LAB_ADDRESSES.services4, { requests: 3 });
    expect(metrics.connection_reuse_pct).toBe(100);
    const [first, second] = samples?.ttfbs_ms ?? [];
    expect(Number(first)).toBeGreaterThanOrEqual(109);
    expect(Number(second)).toBeGreaterThanOrEqual(69);
  });
});

describe('no answer', () => {
  test.each([
    [LAB_ADDRESSES.blackHole4, 'timeout'],
    [LAB_ADDRESSES.unreachable4, 'unreachable'],
  ])('from %s lies on the path: %s', async (address, cause) => {
    await lab.setPath({});
    const { verdict, finding, absent } = await run('http', address, { timeoutSeconds: 1.5 });
    expect([verdict, finding?.cause, finding?.side]).toEqual(['down', cause, 'path']);
    expect(absent.connect_time_ms).toBe(cause === 'timeout' ? 'timed_out' : 'run_failed');
  });
});
