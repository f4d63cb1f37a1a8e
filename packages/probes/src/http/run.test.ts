import { brotliCompressSync, deflateRawSync, deflateSync } from 'node:zlib';
import type { HttpSeen } from '@netsonde/lab';
import { describe, expect, test } from 'vitest';
import type { Addresses } from '../contract/context.ts';
import { suiteHost } from '../run/run-probe.test-support.ts';
import { runResolved } from '../run/run-resolved.test-support.ts';
import { http } from './descriptor.ts';
import type { HttpObservation } from './observation.ts';
import { httpRunner } from './run.ts';
import { answering, listen, num, run, saying, secure, serve, timed } from './run-http.test-support.ts';

describe('the phases', () => {
  test.each([0, 120])('hold a server that answers after %d ms', async (delayMs) => {
    const { url } = await serve({ delayMs });
    const { verdict, metrics, absent } = await timed(url);
    expect(verdict).toBe('up');
    expect(num(metrics.ttfb_ms)).toBeGreaterThanOrEqual(num(metrics.connect_time_ms) + delayMs - 2);
    expect(num(metrics.total_time_ms)).toBeCloseTo(num(metrics.ttfb_ms) + num(metrics.download_time_ms), 9);
    expect(absent).toMatchObject({
      dns_time_ms: 'not_applicable',
      tls_time_ms: 'not_applicable',
      certificate_days_left: 'not_applicable',
    });
  });

  test.each([10, 50])('include a body whose five parts arrive %d ms apart', async (chunkGapMs) => {
    const { url } = await serve({ bodyBytes: 100_000, chunks: 5, chunkGapMs });
    const { metrics } = await timed(url);
    const download = num(metrics.download_time_ms);
    // The server spaces the parts; this process may read the first one late, and the download is then shorter.
    expect(num(metrics.total_time_ms)).toBeGreaterThanOrEqual(4 * chunkGapMs - 4);
    expect(download).toBeGreaterThanOrEqual(2 * chunkGapMs);
    expect(num(metrics.ttfb_ms)).toBeLessThan(num(metrics.total_time_ms) - 2 * chunkGapMs);
    const restBits = num(metrics.throughput_bps) * (download / 1000);
    expect(restBits).toBeGreaterThanOrEqual(8 * 80_000);
    expect(restBits).toBeLessThanOrEqual(8 * num(metrics.wire_bytes));
  });

  test.each([0, 120])('hold a TLS handshake that is held back by %d ms', async (handshakeDelayMs) => {
    const { url, ca } = await secure({ handshakeDelayMs });
    const { verdict, metrics } = await timed(url, { ca });
    expect(verdict).toBe('up');
    // The server's delay begins when it accepts; this process may notice the connection later than that.
    expect(num(metrics.ttfb_ms)).toBeGreaterThanOrEqual(handshakeDelayMs - 2);
    expect(num(metrics.tls_time_ms)).toBeGreaterThan(handshakeDelayMs / 2);
    expect(num(metrics.ttfb_ms)).toBeGreaterThanOrEqual(num(metrics.connect_time_ms) + num(metrics.tls_time_ms));
  });

  test.each([20, 1200])('include a resolver that takes %d ms, and the timeout does not', async (resolverMs) => {
    const { facts } = await serve();
    const url = `http://name.test:${facts.port}/`;
    const { verdict, metrics } = await runResolved(http, httpRunner, url, { timeoutSeconds: 1 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, resolverMs));
      return [{ address: '127.0.0.1', family: 4 }];
    });
    expect(verdict).toBe('up');
    expect(num(metrics.dns_time_ms)).toBeGreaterThanOrEqual(resolverMs - 2);
    expect(num(metrics.ttfb_ms)).toBeGreaterThanOrEqual(num(metrics.dns_time_ms) + num(metrics.connect_time_ms));
  });

  test('are absent where nothing was ever reached', async () => {
    const { url } = await listen({ kind: 'peer', behaviour: 'refusing' });
    const { absent, metrics } = await run(url);
    expect(absent).toMatchObject({
      connect_time_ms: 'run_failed',
      ttfb_ms: 'run_failed',
      status: 'run_failed',
      total_time_ms: 'run_failed',
    });
    expect(metrics).toEqual({ responses_2xx: 0, responses_3xx: 0, responses_4xx: 0, responses_5xx: 0 });
  });
});

describe('an answer', () => {
  test.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 5, 'HTTP/1.1'],
    ['HTTP/1.0 203 Fine\r\nServer: x\r\n\r\nuntil the end', 13, 'HTTP/1.0'],
    ['HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 2, 'HTTP/1.1'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n', 3, 'HTTP/1.1'],
  ] as const)('is counted to the byte: %j', async (text, bodyBytes, protocol) => {
    const { url } = await saying(text);
    const { verdict, metrics } = await run(url);
    expect([verdict, metrics.wire_bytes, metrics.body_bytes, metrics.protocol]).toEqual([
      'up',
      text.length,
      bodyBytes,
      protocol,
    ]);
  });

  test.each([0, 4000])('over TLS carries what TLS adds, too: %d bytes', async (bodyBytes) => {
    const { url, ca } = await secure({ behaviour: { bodyBytes } });
    const { metrics } = await run(url, { ca });
    expect(metrics.body_bytes).toBe(bodyBytes);
    expect(num(metrics.wire_bytes)).toBeGreaterThan(bodyBytes + 1000);
  });

  test.each([20_000, 60_000])('that is compressed has its compression ratio: %d bytes', async (bodyBytes) => {
    const { url } = await serve({ bodyBytes, gzip: true });
    const packed = await run(url);
    expect(packed.metrics.body_bytes).toBe(bodyBytes);
    expect(num(packed.metrics.compression_ratio)).toBeGreaterThan(bodyBytes / 1000);
    expect(num(packed.metrics.wire_bytes)).toBeLessThan(bodyBytes / 10);
    const plain = await run(url, { compression: false });
    expect(plain.absent.compression_ratio).toBe('not_requested');
    expect(num(plain.metrics.wire_bytes)).toBeGreaterThan(bodyBytes);
    const bare = await serve({ bodyBytes });
    expect((await run(bare.url)).absent.compression_ratio).toBe('not_offered_by_target');
  });

  test.each([
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const)('is unfolded from %s', async (coding, pack) => {
    const url = await answering((response) => {
      response.setHeader('Content-Encoding', coding);
      response.end(pack(Buffer.from('needle '.repeat(1000))));
    });
    const { verdict, metrics } = await run(url, { expectBody: 'needle needle' });
    expect([verdict, metrics.body_bytes]).toEqual(['up', 7000]);
  });

  test('with a broken or unknown encoding', async () => {
    const rubbish = (coding: string) =>
      answering((response) => response.setHeader('Content-Encoding', coding).end('rubbish'));
    expect((await run(await rubbish('gzip'))).said).toEqual(['down', 'protocol_violation', 'target']);
    const unknown = await run(await rubbish('lzma'));
    expect([unknown.verdict, unknown.absent.body_bytes]).toEqual(['up', 'not_supported']);
  });

  test('longer than the limit is read no further', async () => {
    const { url } = await serve({ bodyBytes: 1_000_000, chunks: 20, chunkGapMs: 5 });
    const { verdict, metrics, absent } = await run(url, { maxBodyBytes: 150_000 });
    expect(verdict).toBe('up');
    expect(absent).toMatchObject({
      body_bytes: 'not_requested',
      total_time_ms: 'not_requested',
      download_time_ms: 'not_requested',
    });
    expect(num(metrics.wire_bytes)).toBeGreaterThan(150_000);
    expect(num(metrics.wire_bytes)).toBeLessThan(800_000);
    expect(num(metrics.throughput_bps)).toBeGreaterThan(0);
  });

  test('to HEAD has no body', async () => {
    const { url, seen } = await serve({ bodyBytes: 500 });
    const { verdict, absent } = await run(url, { method: 'HEAD' });
    expect([verdict, absent.body_bytes, absent.throughput_bps]).toEqual(['up', 'not_applicable', 'not_applicable']);
    expect((seen() as HttpSeen[])[0]?.method).toBe('HEAD');
  });

  test('names the CDN, and the server’s and the database’s own time', async () => {
    const cases = [
      {
        header: ['CF-RAY: 1-FRA', 'Server-Timing: db;dur=12, total;dur=40.5'],
        cdn: 'Cloudflare',
        server: 40.5,
        database: 12,
      },
      {
        header: [
          'X-Served-By: cache-fra-1',
          'Server-Timing: sql-read;dur=3',
          'Server-Timing: sql-write;dur=4, app;dur=9',
        ],
        cdn: 'Fastly',
        server: 9,
        database: 7,
      },
    ];
    for (const { header, cdn, server, database } of cases) {
      const { metrics } = await run((await serve({ header })).url);
      expect([metrics.cdn, metrics.server_time_ms, metrics.database_time_ms]).toEqual([cdn, server, database]);
    }
    const { absent } = await run((await serve()).url);
    expect(absent).toMatchObject({
      cdn: 'not_offered_by_target',
      server_time_ms: 'not_offered_by_target',
      database_time_ms: 'not_offered_by_target',
    });
  });

  test('over IPv6', async () => {
    const { facts } = await listen({ kind: 'http', host: '::1' });
    const { verdict, detail } = await run(`http://[::1]:${facts.port}/`);
    expect([verdict, detail.address]).toEqual(['up', '::1']);
  });
});

describe('an answer that breaks HTTP and can be read', () => {
  test('is up, and its details name what is irregular', async () => {
    const { url } = await saying('HTTP/1.1 200 OK\nX: a\n b\nTransfer-Encoding: chunked\t\n\n2 ;x\nok\n0\n\nbehind');
    const { verdict, metrics, detail } = await run(url);
    expect([verdict, metrics.body_bytes]).toEqual(['up', 2]);
    expect(detail.irregularities).toEqual(['bare_lf', 'bytes_after_answer', 'folded_header']);
  });

  test('a redirect to an empty location leads nowhere: it is the final answer', async () => {
    const { url } = await saying('HTTP/1.1 302 Found\r\nLocation: \r\nContent-Length: 0\r\n\r\n');
    const { verdict, metrics } = await run(url);
    expect([verdict, metrics.status, metrics.redirects]).toEqual(['up', 302, 0]);
  });

  test('leaves no byte for the next answer on a kept connection', async () => {
    const { url } = await saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n');
    const { verdict, metrics } = await run(url, { requests: 2 });
    expect([verdict, metrics.responses_2xx, metrics.connection_reuse_pct]).toEqual(['up', 2, 0]);
  });
});

describe('a host name that ends in a dot', () => {
  const loopback = async (): Promise<Addresses> => [{ address: '127.0.0.1', family: 4 }];

  test('is found in a certificate, which has none', async () => {
    const { facts, ca } = await secure({ certificate: { names: ['name.test'] } });
    const outcome = await runResolved(http, httpRunner, `https://name.test.:${facts.port}/`, { ca }, loopback);
    expect(outcome.verdict).toBe('up');
  });

  test('is sent in Host as in the URL (RFC 9112 section 3.2)', async () => {
    const { facts, seen } = await serve();
    await runResolved(http, httpRunner, `http://name.test.:${facts.port}/`, {}, loopback);
    expect((seen() as HttpSeen[])[0]?.headers.host).toBe(`name.test.:${facts.port}`);
  });
});

describe('a run', () => {
  test('that is cancelled while it waits ends at once, unknown', async () => {
    const { url } = await listen({ kind: 'peer', behaviour: 'silent' });
    const { said, stopped } = await run(url, { timeoutSeconds: 20 }, { signal: AbortSignal.timeout(150) });
    expect([said, stopped]).toEqual([['unknown', 'cancelled', 'agent'], 'cancelled']);
  });

  test("asks the agent's policy about the address it is connected to", async () => {
    const { url, seen } = await serve();
    let asked = 0;
    const policy = { refusal: () => (++asked < 2 ? null : 'loopback is not allowed') };
    expect((await run(url, {}, { host: { ...suiteHost, policy } })).said).toEqual(['unknown', 'policy', 'agent']);
    expect(seen()).toEqual([]);
  });

  test('keeps no credentials in its details', async () => {
    const header = ['Set-Cookie: sid=s3cret; Path=/', 'WWW-Authenticate: Digest nonce=s3cret', 'X-Plain: shown'];
    const { url } = await serve({ header });
    const { detail } = await run(`${url}/?access_token=s3cret&page=2`, { headers: ['Authorization: s3cret'] });
    expect(JSON.stringify(detail)).not.toContain('s3cret');
    expect(detail.headers).toMatchObject({ 'set-cookie': 'sid=left-out', 'x-plain': 'shown' });
    expect(detail.final_url).toContain('page=2');
  });

  test('describes its observations as they arrive', async () => {
    const { url } = await serve();
    const lines: (string | null)[] = [];
    await run(
      url,
      { requests: 2 },
      { onObservation: (seen) => lines.push(httpRunner.describe(seen as HttpObservation)) },
    );
    expect(lines).toEqual([expect.stringMatching(/: 200 in \d/), expect.stringMatching(/: 200 in \d/)]);
  });
});
