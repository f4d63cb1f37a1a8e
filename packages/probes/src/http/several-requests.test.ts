import type { HttpSeen } from '@netsonde/lab';
import { describe, expect, test } from 'vitest';
import { answering, num, run, secure, serve } from './run-http.test-support.ts';

describe('several requests', () => {
  test.each([
    [true, 100, 1],
    [false, 0, 4],
  ] as const)('with connections kept: %s', async (keepAlive, reusePct, connections) => {
    const { url, seen } = await serve({ keepAlive });
    const { verdict, metrics, outcome } = await run(url, { requests: 4 });
    expect([verdict, metrics.connection_reuse_pct, metrics.responses_2xx]).toEqual(['up', reusePct, 4]);
    expect(new Set((seen() as HttpSeen[]).map(({ connection }) => connection)).size).toBe(connections);
    expect(outcome.samples?.ttfbs_ms).toHaveLength(4);
  });

  test('over TLS share one connection', async () => {
    const { url, ca, seen } = await secure();
    const { verdict, metrics } = await run(url, { ca, requests: 3 });
    expect([verdict, metrics.connection_reuse_pct]).toEqual(['up', 100]);
    expect(new Set((seen() as HttpSeen[]).map(({ connection }) => connection)).size).toBe(1);
  });

  test('of which some fail are degraded, and classes are counted', async () => {
    let count = 0;
    const url = await answering((response) => {
      count += 1;
      response.writeHead(count % 2 === 0 ? 500 : 200).end('x');
    });
    const { said, metrics } = await run(url, { requests: 4 });
    expect(said).toEqual(['degraded', 'unexpected_status', 'target']);
    expect([metrics.responses_2xx, metrics.responses_5xx]).toEqual([2, 2]);
  });

  test('survive a server that drops a kept connection', async () => {
    let count = 0;
    const url = await answering((response) => {
      count += 1;
      if (count === 2) response.socket?.destroy();
      else response.end('x');
    });
    const { verdict, metrics } = await run(url, { requests: 2 });
    expect([verdict, metrics.connection_reuse_pct, count]).toEqual(['up', 0, 3]);
  });
});

describe('caches', () => {
  test.each([
    ['Cache-Status: "edge, one"; hit, origin; fwd=miss', 100],
    ['Cache-Status: edge; fwd=uri-miss; stored', 0],
    ['X-Cache: Hit from cloudfront', 100],
    ['CF-Cache-Status: DYNAMIC', 0],
    ['Age: 7', 100],
  ] as const)('%s', async (header, hitPct) => {
    const { url } = await serve({ header: [header] });
    expect((await run(url)).metrics.cache_hit_pct).toBe(hitPct);
  });

  test('count each answer of the run', async () => {
    const { url } = await serve({ edge: true, originDelayMs: 5 });
    expect((await run(url, { requests: 4 })).metrics.cache_hit_pct).toBe(75);
  });

  test('that validate are asked to', async () => {
    const { url, seen } = await serve({ etag: '"v1"' });
    const { verdict, metrics } = await run(url, { revalidate: true });
    expect([verdict, metrics.cache_hit_pct, metrics.responses_3xx, metrics.status]).toEqual(['up', 100, 1, 200]);
    expect((seen() as HttpSeen[])[1]?.headers['if-none-match']).toBe('"v1"');
    expect((await run(url)).absent.cache_hit_pct).toBe('not_offered_by_target');
  });

  test.each([
    [0, 75, 100],
    [200, 30, 70],
  ] as const)('at an edge %d ms away save their share', async (delayMs, least, most) => {
    const { url, seen } = await serve({ edge: true, originDelayMs: 200, delayMs });
    const { metrics } = await run(url, { cdnCompare: 3 });
    expect(num(metrics.cdn_time_saved_pct)).toBeGreaterThanOrEqual(least);
    expect(num(metrics.cdn_time_saved_pct)).toBeLessThanOrEqual(most);
    expect(seen()).toHaveLength(7);
  });

  test('without cache headers have no figure of time saved', async () => {
    const { url } = await serve();
    expect((await run(url, { cdnCompare: 1 })).absent.cdn_time_saved_pct).toBe('not_offered_by_target');
    expect((await run(url)).absent.cdn_time_saved_pct).toBe('not_requested');
  });
});
