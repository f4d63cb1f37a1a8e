import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync } from 'node:zlib';
import {
  type HttpBehaviour,
  type HttpConfig,
  type HttpSeen,
  type Service,
  type ServiceConfig,
  startService,
} from '@netsonde/lab';
import { afterEach, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import type { RunContext } from '../contract/context.ts';
import type { ExecuteOptions, RunHost } from '../contract/execute.ts';
import { parseTarget } from '../contract/parse-target.ts';
import { runProbe, suiteHost } from '../contract/run-probe.test-support.ts';
import { http } from './descriptor.ts';
import type { HttpObservation } from './observation.ts';
import { httpRunner } from './run.ts';

const DAY_MS = 86_400_000;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Served = Service & { readonly url: string; readonly ca: string };

async function listen(config: ServiceConfig): Promise<Served> {
  const service = await startService(config);
  closing.push(() => service.close());
  const scheme = config.kind === 'https' ? 'https' : 'http';
  return { ...service, url: `${scheme}://127.0.0.1:${service.facts.port}`, ca: service.facts.rootPem ?? '' };
}

const serve = (behaviour: HttpBehaviour = {}) => listen({ kind: 'http', behaviour });
const secure = (more: Omit<HttpConfig, 'kind'> = {}) => listen({ kind: 'https', ...more });
/** A server that answers each connection with these very bytes and ends. */
const saying = (text: string) => listen({ kind: 'peer', behaviour: 'truncating', text });

async function answering(answer: (response: ServerResponse, url: string) => void): Promise<string> {
  const server: Server = createServer((request, response) => answer(response, request.url ?? ''));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(
  url: string,
  options: Record<string, unknown> = {},
  control: ExecuteOptions & { host?: RunHost } = {},
) {
  const execution = await runProbe(http, httpRunner, url, { timeoutSeconds: 5, ...options }, control);
  expect(faultsOf(http, execution.outcome)).toEqual([]);
  const { verdict, finding, metrics, absent, detail } = execution.outcome;
  return { ...execution, verdict, said: [verdict, finding?.cause, finding?.side], metrics, absent, detail };
}

const num = (value: unknown): number => {
  if (typeof value !== 'number') throw new Error(`${String(value)} is no number`);
  return value;
};

describe('the phases', () => {
  test.each([0, 120])('hold a server that answers after %d ms', async (delayMs) => {
    const { url } = await serve({ delayMs });
    const { verdict, metrics, absent } = await run(url);
    expect(verdict).toBe('up');
    expect(num(metrics['ttfb_ms'])).toBeGreaterThanOrEqual(num(metrics['connect_time_ms']) + delayMs - 2);
    expect(num(metrics['total_time_ms'])).toBeCloseTo(num(metrics['ttfb_ms']) + num(metrics['download_time_ms']), 9);
    expect(absent).toMatchObject({
      dns_time_ms: 'not_applicable',
      tls_time_ms: 'not_applicable',
      certificate_days_left: 'not_applicable',
    });
  });

  test.each([10, 50])('hold a body whose five parts come %d ms apart', async (chunkGapMs) => {
    const { url } = await serve({ bodyBytes: 100_000, chunks: 5, chunkGapMs });
    const { metrics } = await run(url);
    const download = num(metrics['download_time_ms']);
    expect(download).toBeGreaterThanOrEqual(4 * chunkGapMs - 4);
    expect(num(metrics['ttfb_ms'])).toBeLessThan(num(metrics['total_time_ms']) - 4 * chunkGapMs + 5);
    const restBits = num(metrics['throughput_bps']) * (download / 1000);
    expect(restBits).toBeGreaterThanOrEqual(8 * 80_000);
    expect(restBits).toBeLessThanOrEqual(8 * num(metrics['wire_bytes']));
  });

  test.each([0, 120])('hold a TLS handshake that is held back by %d ms', async (handshakeDelayMs) => {
    const { url, ca } = await secure({ handshakeDelayMs });
    const { verdict, metrics } = await run(url, { ca });
    expect(verdict).toBe('up');
    expect(num(metrics['tls_time_ms'])).toBeGreaterThanOrEqual(handshakeDelayMs - 2);
    expect(num(metrics['ttfb_ms'])).toBeGreaterThanOrEqual(
      num(metrics['connect_time_ms']) + num(metrics['tls_time_ms']),
    );
  });

  test.each([20, 1200])('hold a resolver that takes %d ms, and the timeout does not', async (resolverMs) => {
    const { facts } = await serve();
    const context: RunContext = {
      ...suiteHost,
      signal: new AbortController().signal,
      followed: false,
      log: () => {},
      permit: () => {},
      resolve: async () => {
        await new Promise((resolve) => setTimeout(resolve, resolverMs));
        return [{ address: '127.0.0.1', family: 4 }];
      },
    };
    const target = parseTarget(http.target, `http://name.test:${facts.port}/`);
    const options = http.options.parse({ timeoutSeconds: 1 });
    const seen: HttpObservation[] = [];
    for await (const observation of httpRunner.run(context, target, options)) seen.push(observation);
    const { verdict, metrics } = httpRunner.summarize(seen, target, options);
    expect(verdict).toBe('up');
    expect(num(metrics['dns_time_ms'])).toBeGreaterThanOrEqual(resolverMs - 2);
    expect(num(metrics['ttfb_ms'])).toBeGreaterThanOrEqual(
      num(metrics['dns_time_ms']) + num(metrics['connect_time_ms']),
    );
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
    expect([verdict, metrics['wire_bytes'], metrics['body_bytes'], metrics['protocol']]).toEqual([
      'up',
      text.length,
      bodyBytes,
      protocol,
    ]);
  });

  test.each([0, 4000])('over TLS carries what TLS adds, too: %d bytes', async (bodyBytes) => {
    const { url, ca } = await secure({ behaviour: { bodyBytes } });
    const { metrics } = await run(url, { ca });
    expect(metrics['body_bytes']).toBe(bodyBytes);
    expect(num(metrics['wire_bytes'])).toBeGreaterThan(bodyBytes + 1000);
  });

  test.each([20_000, 60_000])('that is compressed tells by how much: %d bytes', async (bodyBytes) => {
    const { url } = await serve({ bodyBytes, gzip: true });
    const packed = await run(url);
    expect(packed.metrics['body_bytes']).toBe(bodyBytes);
    expect(num(packed.metrics['compression_ratio'])).toBeGreaterThan(bodyBytes / 1000);
    expect(num(packed.metrics['wire_bytes'])).toBeLessThan(bodyBytes / 10);
    const plain = await run(url, { compression: false });
    expect(plain.absent['compression_ratio']).toBe('not_requested');
    expect(num(plain.metrics['wire_bytes'])).toBeGreaterThan(bodyBytes);
    const bare = await serve({ bodyBytes });
    expect((await run(bare.url)).absent['compression_ratio']).toBe('not_offered_by_target');
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
    expect([verdict, metrics['body_bytes']]).toEqual(['up', 7000]);
  });

  test('with a broken or unknown encoding', async () => {
    const rubbish = (coding: string) =>
      answering((response) => response.setHeader('Content-Encoding', coding).end('rubbish'));
    expect((await run(await rubbish('gzip'))).said).toEqual(['down', 'protocol_violation', 'target']);
    const unknown = await run(await rubbish('lzma'));
    expect([unknown.verdict, unknown.absent['body_bytes']]).toEqual(['up', 'not_supported']);
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
    expect(num(metrics['wire_bytes'])).toBeGreaterThan(150_000);
    expect(num(metrics['wire_bytes'])).toBeLessThan(800_000);
    expect(num(metrics['throughput_bps'])).toBeGreaterThan(0);
  });

  test('to HEAD has no body', async () => {
    const { url, seen } = await serve({ bodyBytes: 500 });
    const { verdict, absent } = await run(url, { method: 'HEAD' });
    expect([verdict, absent['body_bytes'], absent['throughput_bps']]).toEqual([
      'up',
      'not_applicable',
      'not_applicable',
    ]);
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
      expect([metrics['cdn'], metrics['server_time_ms'], metrics['database_time_ms']]).toEqual([cdn, server, database]);
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
    expect([verdict, detail['address']]).toEqual(['up', '::1']);
  });
});

describe('a redirect', () => {
  test.each([0, 3])('%d times is followed, counted and timed', async (redirects) => {
    const { url } = await serve({ delayMs: 20 });
    const { verdict, metrics, detail } = await run(`${url}/?redirects=${redirects}`);
    expect([verdict, metrics['status'], metrics['redirects'], metrics['responses_3xx']]).toEqual([
      'up',
      200,
      redirects,
      redirects,
    ]);
    expect(num(metrics['ttfb_ms'])).toBeGreaterThanOrEqual(20 * (redirects + 1) - 3);
    expect((detail['redirects'] as unknown[] | undefined)?.length ?? 0).toBe(redirects);
  });

  test('without end is down', async () => {
    const url = await answering((response) => response.writeHead(302, { Location: '/again' }).end());
    const { said, metrics } = await run(url, { maxRedirects: 4 });
    expect([said, metrics['redirects'], metrics['status']]).toEqual([['down', 'unexpected_status', 'target'], 4, 302]);
  });

  test('is an answer like any other when it is not to be followed', async () => {
    const { url } = await serve({ redirects: 1 });
    const { verdict, metrics } = await run(url, { followRedirects: false });
    expect([verdict, metrics['status'], metrics['redirects']]).toEqual(['up', 302, 0]);
  });

  test('from http to https shows the certificate of where it ends', async () => {
    const end = await secure({ certificate: { untilDays: 44 } });
    const start = await serve({ redirectTo: `${end.url}/landing` });
    const { verdict, metrics, detail } = await run(start.url, { ca: end.ca });
    expect([verdict, metrics['redirects'], detail['final_url']]).toEqual(['up', 1, `${end.url}/landing`]);
    expect(metrics['certificate_days_left']).toBeCloseTo((num(end.facts.notAfterMs) - Date.now()) / DAY_MS, 3);
  });

  test('keeps credentials from other servers, and turns a POST into a GET', async () => {
    const end = await serve();
    const start = await serve({ redirectTo: `${end.url}/?x=1` });
    const headers = ['Authorization: Bearer s3cret', 'Cookie: a=b', 'X-Own: 1'];
    const { verdict, detail } = await run(start.url, { method: 'POST', body: 'données', headers });
    expect(verdict).toBe('up');
    const [first] = start.seen() as HttpSeen[];
    expect(first?.headers).toMatchObject({ authorization: 'Bearer s3cret', cookie: 'a=b', 'content-length': '8' });
    const [second] = end.seen() as HttpSeen[];
    expect([second?.method, second?.headers['x-own']]).toEqual(['GET', '1']);
    expect(second?.headers['authorization'] ?? second?.headers['cookie']).toBeUndefined();
    expect(JSON.stringify(detail)).not.toContain('s3cret');
  });

  test('to what is no web address is down', async () => {
    for (const location of ['ftp://x.test/', 'http://', 'javascript:0']) {
      const { url } = await serve({ redirectTo: location });
      expect((await run(url)).said, location).toEqual(['down', 'protocol_violation', 'target']);
    }
  });

  test('to an address that the policy refuses is unknown', async () => {
    const { url } = await serve({ redirectTo: 'http://127.0.0.9/' });
    const policy = { refusal: (address: string) => (address === '127.0.0.9' ? 'not allowed' : null) };
    const { said, metrics } = await run(url, {}, { host: { ...suiteHost, policy } });
    expect([said, metrics['responses_3xx']]).toEqual([['unknown', 'policy', 'agent'], 1]);
  });
});

describe('expectations', () => {
  test.each([
    [503, undefined, 'down'],
    [404, undefined, 'down'],
    [404, '200-299, 404', 'up'],
    [204, '200', 'down'],
    [304, undefined, 'up'],
  ] as const)('status %d where %s is expected: %s', async (status, expectStatus, verdict) => {
    const { url } = await serve({ status });
    const ran = await run(url, expectStatus === undefined ? {} : { expectStatus });
    expect([ran.verdict, ran.metrics['status']]).toEqual([verdict, status]);
    expect(ran.metrics[`responses_${String(status)[0]}xx`]).toBe(1);
    if (verdict === 'down') expect(ran.said).toEqual(['down', 'unexpected_status', 'target']);
  });

  test('of another protocol, unasked for, is no success', async () => {
    const { url } = await saying(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nrubbish',
    );
    for (const requests of [1, 2]) {
      const { said, metrics } = await run(url, { requests });
      expect([said, metrics['status']]).toEqual([['down', 'unexpected_status', 'target'], 101]);
    }
  });

  const json = '{"a":{"b":[{"c":7,"d":"x y"}]},"ok":true}';
  test.each([
    [{ expectBody: '"ok"' }, true],
    [{ expectBody: 'nowhere' }, false],
    [{ expectBodyRegex: '"c":\\s*\\d' }, true],
    [{ expectBodyRegex: '^\\d+$' }, false],
    [{ expectJsonPath: 'a.b[0].c = 7' }, true],
    [{ expectJsonPath: '$.a.b[0].c >= 8' }, false],
    [{ expectJsonPath: 'a.b[0].d = x y' }, true],
    [{ expectJsonPath: 'ok = true' }, true],
    [{ expectJsonPath: 'a.z' }, false],
    [{ expectHeader: ['X-One: two', 'content-type'] }, true],
    [{ expectHeader: ['X-One: three'] }, false],
    [{ expectHeader: ['X-Missing'] }, false],
  ] as const)('%j is met: %s', async (options, met) => {
    const { url } = await serve({ body: json, header: ['X-One: one, two'], gzip: true });
    const { said, metrics } = await run(url, options);
    expect(said).toEqual(met ? ['up', undefined, undefined] : ['down', 'unexpected_content', 'target']);
    expect(metrics['status']).toBe(200);
  });

  test('a pattern that never ends cannot be told, and holds nothing up', async () => {
    const { url } = await serve({ body: 'a'.repeat(60) });
    const { said } = await run(url, { expectBodyRegex: '^(a+)+b$' });
    expect(said).toEqual(['unknown', 'local_resource', 'agent']);
  });
});

describe('a failure', () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
  test.each([
    ['refusing', { kind: 'peer', behaviour: 'refusing' }, 'refused'],
    ['silent', { kind: 'peer', behaviour: 'silent' }, 'timeout'],
    ['half-open', { kind: 'peer', behaviour: 'half_open' }, 'closed_early'],
    ['talking rubbish', { kind: 'peer', behaviour: 'rubbish' }, 'protocol_violation'],
    ['resetting at once', { kind: 'peer', behaviour: 'resetting', text: '' }, 'reset'],
    ['resetting after the request', { kind: 'peer', behaviour: 'resetting', text: 'x' }, 'reset'],
    ['slow with its headers', { kind: 'peer', behaviour: 'slow', text: whole, gapMs: 60 }, 'timeout'],
    ['slow with its body', { kind: 'peer', behaviour: 'truncating', text: whole }, 'closed_early'],
    ['ending in the head', { kind: 'peer', behaviour: 'truncating', text: 'HTTP/1.1 200 OK\r\nCont' }, 'closed_early'],
    ['cutting the body', { kind: 'http', behaviour: { bodyBytes: 1000, cutAfterBytes: 10 } }, 'closed_early'],
    [
      'cutting a chunk',
      { kind: 'peer', behaviour: 'truncating', text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab' },
      'closed_early',
    ],
    [
      'sending bad chunks',
      { kind: 'peer', behaviour: 'truncating', text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab' },
      'protocol_violation',
    ],
    [
      'sending two lengths',
      {
        kind: 'peer',
        behaviour: 'truncating',
        text: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      },
      'protocol_violation',
    ],
    [
      'sending endless headers',
      { kind: 'peer', behaviour: 'truncating', text: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n` },
      'protocol_violation',
    ],
    ['slow throughout', { kind: 'http', behaviour: { delayMs: 2000 } }, 'timeout'],
    ['slow between chunks', { kind: 'http', behaviour: { bodyBytes: 50, chunks: 5, chunkGapMs: 500 } }, 'timeout'],
  ] as const)('of a server that is %s', async (_, config, cause) => {
    const { url, facts } = await listen(config);
    const { said, log, outcome, metrics, absent } = await run(url, { timeoutSeconds: 1 });
    expect(said).toEqual(['down', cause, 'target']);
    expect(outcome.finding?.operation).toContain(`127.0.0.1:${facts.port}`);
    expect(log.length).toBeGreaterThan(0);
    expect(absent['total_time_ms']).toBe(cause === 'timeout' ? 'timed_out' : 'run_failed');
    // A reset can come before the process has learnt of the connection.
    if (cause !== 'refused' && cause !== 'reset') expect(num(metrics['connect_time_ms'])).toBeGreaterThan(0);
  });

  test('in the body keeps the status and the time to first byte', async () => {
    const { url } = await serve({ bodyBytes: 1000, cutAfterBytes: 10, status: 201 });
    const { metrics } = await run(url);
    expect(metrics['status']).toBe(201);
    expect(num(metrics['ttfb_ms'])).toBeGreaterThan(0);
  });

  test.each([
    ['that has ended', { untilDays: -2 }, 'certificate_expired'],
    ['that does not hold yet', { fromDays: 2, untilDays: 9 }, 'certificate_not_yet_valid'],
    ['of a stranger', { signer: 'stranger' }, 'certificate_untrusted'],
    ['for another name', { names: ['elsewhere.test'] }, 'name_mismatch'],
  ] as const)('of a certificate %s: nothing is asked of that server', async (_, certificate, cause) => {
    const { url, ca, seen, facts } = await secure({ certificate });
    const judged = await run(url, { ca });
    expect(judged.said).toEqual(['down', cause, 'target']);
    expect(num(judged.metrics['tls_time_ms'])).toBeGreaterThan(0);
    const daysLeft = (num(facts.notAfterMs) - Date.now()) / DAY_MS;
    expect(judged.metrics['certificate_days_left']).toBeCloseTo(daysLeft, 3);
    expect(seen()).toEqual([]);
    const trusting = await run(url, { ca, verifyCertificate: false });
    expect(trusting.verdict).toBe('up');
    expect(JSON.stringify(trusting.detail['tls'])).toContain('fault');
  });

  test('of TLS where there is none', async () => {
    const { facts } = await serve();
    expect((await run(`https://127.0.0.1:${facts.port}/`)).said).toEqual(['down', 'tls_failed', 'target']);
  });

  test('of a name that nobody has', async () => {
    const { said, absent } = await run('http://nobody.invalid/');
    expect(said[1] === 'nxdomain' ? said : ['unknown', 'resolver_failed', 'resolver']).toEqual(said);
    expect(absent).toMatchObject({ tls_time_ms: 'not_applicable', dns_time_ms: 'run_failed' });
  });

  test('on this host’s own side is unknown', async () => {
    expect((await run('http://255.255.255.255/')).said.slice(0, 1)).toEqual(['unknown']);
  });
});

describe('several requests', () => {
  test.each([
    [true, 100, 1],
    [false, 0, 4],
  ] as const)('with connections kept: %s', async (keepAlive, reusePct, connections) => {
    const { url, seen } = await serve({ keepAlive });
    const { verdict, metrics, outcome } = await run(url, { requests: 4 });
    expect([verdict, metrics['connection_reuse_pct'], metrics['responses_2xx']]).toEqual(['up', reusePct, 4]);
    expect(new Set((seen() as HttpSeen[]).map(({ connection }) => connection)).size).toBe(connections);
    expect(outcome.samples?.['ttfbs_ms']).toHaveLength(4);
  });

  test('over TLS share one connection', async () => {
    const { url, ca, seen } = await secure();
    const { verdict, metrics } = await run(url, { ca, requests: 3 });
    expect([verdict, metrics['connection_reuse_pct']]).toEqual(['up', 100]);
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
    expect([metrics['responses_2xx'], metrics['responses_5xx']]).toEqual([2, 2]);
  });

  test('survive a server that drops a kept connection', async () => {
    let count = 0;
    const url = await answering((response) => {
      count += 1;
      if (count === 2) response.socket?.destroy();
      else response.end('x');
    });
    const { verdict, metrics } = await run(url, { requests: 2 });
    expect([verdict, metrics['connection_reuse_pct'], count]).toEqual(['up', 0, 3]);
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
    expect((await run(url)).metrics['cache_hit_pct']).toBe(hitPct);
  });

  test('count each answer of the run', async () => {
    const { url } = await serve({ edge: true, originDelayMs: 5 });
    expect((await run(url, { requests: 4 })).metrics['cache_hit_pct']).toBe(75);
  });

  test('that validate are asked to', async () => {
    const { url, seen } = await serve({ etag: '"v1"' });
    const { verdict, metrics } = await run(url, { revalidate: true });
    expect([verdict, metrics['cache_hit_pct'], metrics['responses_3xx'], metrics['status']]).toEqual([
      'up',
      100,
      1,
      200,
    ]);
    expect((seen() as HttpSeen[])[1]?.headers['if-none-match']).toBe('"v1"');
    expect((await run(url)).absent['cache_hit_pct']).toBe('not_offered_by_target');
  });

  test.each([
    [0, 75, 100],
    [200, 30, 70],
  ] as const)('at an edge %d ms away save their share', async (delayMs, least, most) => {
    const { url, seen } = await serve({ edge: true, originDelayMs: 200, delayMs });
    const { metrics } = await run(url, { cdnCompare: 3 });
    expect(num(metrics['cdn_time_saved_pct'])).toBeGreaterThanOrEqual(least);
    expect(num(metrics['cdn_time_saved_pct'])).toBeLessThanOrEqual(most);
    expect(seen()).toHaveLength(7);
  });

  test('that say nothing save nothing that could be told', async () => {
    const { url } = await serve();
    expect((await run(url, { cdnCompare: 1 })).absent['cdn_time_saved_pct']).toBe('not_offered_by_target');
    expect((await run(url)).absent['cdn_time_saved_pct']).toBe('not_requested');
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
    expect(detail['headers']).toMatchObject({ 'set-cookie': 'sid=left-out', 'x-plain': 'shown' });
    expect(detail['final_url']).toContain('page=2');
  });

  test('tells about itself as it goes', async () => {
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
