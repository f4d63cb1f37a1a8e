import { describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import type { Finding } from '../contract/outcome.ts';
import { http } from './descriptor.ts';
import type { Hop, Transaction } from './observation.ts';
import { summarize } from './summarize.ts';

const TARGET = { text: 'http://x.test/', host: 'x.test', port: 80, url: 'http://x.test/' };
const REFUSED: Finding = { cause: 'refused', side: 'target', operation: 'connect 192.0.2.1:80' };

const CONNECTED = { address: '192.0.2.1', connectDuring: [], tlsDuring: [] } as const;

const hop = (more: Partial<Hop> = {}, status = 200): Hop => ({
  url: 'http://x.test/',
  dnsMs: 3,
  dnsDuring: [],
  connection: { ...CONNECTED, connectMs: 10, connectBy: 'process', tlsMs: null, tls: null },
  head: { status, protocol: 'HTTP/1.1', rawHeaders: [], firstByteMs: 30, waitMs: 17, irregularities: new Set() },
  failedAttempts: [],
  endMs: 70,
  wireBytes: 5200,
  originKnown: false,
  ...more,
});

const transaction = (more: Partial<Transaction> = {}): Transaction => ({
  kind: 'transaction',
  role: 'plain',
  hops: [hop()],
  startedMs: 0,
  fault: null,
  body: { encodedBytes: 5000, decodedBytes: 5000, encoding: null, truncated: false, bytesAfterFirstRead: 4000 },
  contentFaults: [],
  wallMs: 1_700_000_000_000,
  ...more,
});

const failed = (finding: Finding): Transaction =>
  transaction({ fault: finding, body: null, hops: [hop({ connection: null, head: null, wireBytes: 0 })] });

function outcomeOf(observations: Transaction[], options: Record<string, unknown> = {}) {
  const outcome = summarize(observations, TARGET, http.options.parse(options));
  expect(faultsOf(http, outcome)).toEqual([]);
  return outcome;
}

describe('the outcome of an http run', () => {
  test('without any observation is unknown', () => {
    const { verdict, finding, metrics } = outcomeOf([]);
    expect([verdict, finding?.cause, metrics]).toEqual(['unknown', 'cancelled', {}]);
  });

  test('of one request works out as by hand', () => {
    const { verdict, metrics } = outcomeOf([transaction()]);
    expect(verdict).toBe('up');
    // 4,000 bytes in 40 ms are 800,000 bit/s.
    expect(metrics).toMatchObject({
      dns_time_ms: 3,
      connect_time_ms: 10,
      ttfb_ms: 30,
      download_time_ms: 40,
      total_time_ms: 70,
      throughput_bps: 800_000,
      wire_bytes: 5200,
      body_bytes: 5000,
    });
  });

  test('sums the phases of redirects up, and counts time from the start', () => {
    const first = hop({ endMs: 20 }, 302);
    const tls = {
      protocol: 'TLSv1.3',
      cipher: 'c',
      notAfterMs: 1_700_000_000_000 + 3 * 86_400_000,
      issuer: 'i',
      fault: null,
    };
    const connection = { ...CONNECTED, connectMs: 5, connectBy: 'kernel', tlsMs: 8, tls } as const;
    const second = hop({ url: 'https://y.test/', connection, dnsMs: 4 });
    const { metrics } = outcomeOf([transaction({ hops: [first, second] })]);
    expect(metrics).toMatchObject({
      dns_time_ms: 7,
      connect_time_ms: 15,
      tls_time_ms: 8,
      ttfb_ms: 30,
      total_time_ms: 70,
      redirects: 1,
      wire_bytes: 10_400,
      certificate_days_left: 3,
      responses_2xx: 1,
      responses_3xx: 1,
    });
  });

  test('of which all failed is down, some degraded, and of the agent’s own faults unknown', () => {
    const own: Finding = { cause: 'local_resource', side: 'agent', operation: 'connect' };
    expect(outcomeOf([failed(REFUSED), failed(REFUSED)], { requests: 2 }).verdict).toBe('down');
    expect(outcomeOf([transaction(), failed(REFUSED)], { requests: 2 }).verdict).toBe('degraded');
    expect(outcomeOf([transaction(), failed(own)], { requests: 2 }).verdict).toBe('unknown');
    expect(outcomeOf([failed(own), failed(REFUSED)], { requests: 2 }).finding).toEqual(REFUSED);
  });

  test('keeps each time to first byte, null for the failed', () => {
    expect(outcomeOf([transaction(), failed(REFUSED)], { requests: 2 }).samples).toEqual({ ttfbs_ms: [30, null] });
    expect(outcomeOf([transaction()]).samples).toBeUndefined();
  });

  test('of a timeout marks missing metrics as timed_out', () => {
    const { absent } = outcomeOf([failed({ cause: 'timeout', side: 'path', operation: 'connect' })]);
    expect(absent).toMatchObject({ connect_time_ms: 'timed_out', status: 'timed_out', tls_time_ms: 'not_applicable' });
  });

  test('uses the median waits of hits and of forced misses, and ignores answers without proof in their headers', () => {
    const seen = (role: Transaction['role'], waitMs: number, cache: string): Transaction => {
      const rawHeaders = ['X-Cache', cache];
      const irregularities: ReadonlySet<never> = new Set();
      const head = { status: 200, protocol: 'HTTP/1.1', rawHeaders, firstByteMs: waitMs, waitMs, irregularities };
      return transaction({ role, hops: [hop({ head })] });
    };
    const pairs = [
      seen('edge', 10, 'HIT'),
      seen('forced', 40, 'MISS'),
      seen('edge', 30, 'HIT'),
      seen('forced', 1, 'HIT'),
    ];
    const { metrics } = outcomeOf([transaction(), ...pairs], { cdnCompare: 2 });
    // Median of 10 and 30 is 20; the only proven miss took 40: half.
    expect(metrics.cdn_time_saved_pct).toBe(50);
    expect(metrics.cache_hit_pct).toBe(100);
  });
});
