import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { HttpSeen } from '@netsonde/lab';
import { describe, expect, test } from 'vitest';
import type { Addresses } from '../contract/context.ts';
import { suiteHost } from '../run/run-probe.test-support.ts';
import { runResolved } from '../run/run-resolved.test-support.ts';
import { http } from './descriptor.ts';
import { httpRunner } from './run.ts';
import { answering, DAY_MS, listen, num, run, saying, secure, serve, timed } from './run-http.test-support.ts';

test('a gzip body with other bytes behind its end is down, and the finding says so', async () => {
  const body = Buffer.concat([gzipSync('page'), Buffer.from('\n<!-- tail -->')]);
  const url = await answering((response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body));
  const { said, outcome } = await run(url);
  expect(said).toEqual(['down', 'protocol_violation', 'target']);
  expect(outcome.finding?.operation).toMatch(/gzip .*: other bytes follow the end of the gzip data$/);
});

describe('a redirect', () => {
  test.each([0, 3])('%d times is followed, counted and timed', async (redirects) => {
    const { url } = await serve({ delayMs: 20 });
    const { verdict, metrics, detail } = await run(`${url}/?redirects=${redirects}`);
    expect([verdict, metrics.status, metrics.redirects, metrics.responses_3xx]).toEqual([
      'up',
      200,
      redirects,
      redirects,
    ]);
    expect(num(metrics.ttfb_ms)).toBeGreaterThanOrEqual(20 * (redirects + 1) - 3);
    expect((detail.redirects as unknown[] | undefined)?.length ?? 0).toBe(redirects);
  });

  test('that reaches the same address again and again is a loop', async () => {
    const url = await answering((response) => response.writeHead(302, { Location: '/again' }).end());
    const { said, metrics } = await run(url, { maxRedirects: 4 });
    expect([said, metrics.redirects, metrics.status]).toEqual([['down', 'redirect_loop', 'target'], 4, 302]);
  });

  test('beyond the most that are followed is unknown, and names that bound', async () => {
    const url = await answering((response, path) => response.writeHead(302, { Location: `${path}x` }).end());
    const { said, outcome } = await run(url, { maxRedirects: 4 });
    expect(said).toEqual(['unknown', 'local_resource', 'agent']);
    expect(outcome.finding?.operation).toContain('maxRedirects');
  });

  test('that sets a cookie and loops without it is followed, and the next run starts without the cookie', async () => {
    const seen: (string | undefined)[] = [];
    const url = await answering((response) => {
      const { cookie } = response.req.headers;
      seen.push(cookie);
      if (cookie?.includes('s=1') === true) response.end('in');
      else response.writeHead(302, { Location: '/', 'Set-Cookie': 's=1; HttpOnly' }).end();
    });
    for (const runs of [1, 2]) {
      const { verdict, metrics } = await run(url, { headers: ['Cookie: own=1; s=0'] });
      expect([verdict, metrics.redirects, seen.length]).toEqual(['up', 1, 2 * runs]);
    }
    expect(seen).toEqual(['own=1; s=0', 'own=1; s=1', 'own=1; s=0', 'own=1; s=1']);
  });

  test('is an answer like any other when it is not to be followed', async () => {
    const { url } = await serve({ redirects: 1 });
    const { verdict, metrics } = await run(url, { followRedirects: false });
    expect([verdict, metrics.status, metrics.redirects]).toEqual(['up', 302, 0]);
  });

  test('from http to https shows the certificate of where it ends', async () => {
    const end = await secure({ certificate: { untilDays: 44 } });
    const start = await serve({ redirectTo: `${end.url}/landing` });
    const { verdict, metrics, detail } = await run(start.url, { ca: end.ca });
    expect([verdict, metrics.redirects, detail.final_url]).toEqual(['up', 1, `${end.url}/landing`]);
    expect(metrics.certificate_days_left).toBeCloseTo((num(end.facts.notAfterMs) - Date.now()) / DAY_MS, 3);
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
    expect(second?.headers.authorization ?? second?.headers.cookie).toBeUndefined();
    expect(JSON.stringify(detail)).not.toContain('s3cret');
  });

  test('to an invalid web address is down', async () => {
    for (const location of ['ftp://x.test/', 'http://', 'javascript:0']) {
      const { url } = await serve({ redirectTo: location });
      expect((await run(url)).said, location).toEqual(['down', 'protocol_violation', 'target']);
    }
  });

  test('to an address that the policy refuses is unknown', async () => {
    const { url } = await serve({ redirectTo: 'http://127.0.0.9/' });
    const policy = { refusal: (address: string) => (address === '127.0.0.9' ? 'not allowed' : null) };
    const { said, metrics } = await run(url, {}, { host: { ...suiteHost, policy } });
    expect([said, metrics.responses_3xx]).toEqual([['unknown', 'policy', 'agent'], 1]);
    expect(metrics.responses_2xx, 'nothing is known of answers that were never asked for').toBeUndefined();
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
    expect([ran.verdict, ran.metrics.status]).toEqual([verdict, status]);
    expect(ran.metrics[`responses_${String(status)[0]}xx`]).toBe(1);
    if (verdict === 'down') expect(ran.said).toEqual(['down', 'unexpected_status', 'target']);
  });

  test('of another protocol, unasked for, is no success', async () => {
    const { url } = await saying(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nrubbish',
    );
    for (const requests of [1, 2]) {
      const { said, metrics } = await run(url, { requests });
      expect([said, metrics.status]).toEqual([['down', 'unexpected_status', 'target'], 101]);
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
    expect(metrics.status).toBe(200);
  });

  test('a pattern that never ends is unknown, and delays nothing else', async () => {
    const { url } = await serve({ body: 'a'.repeat(60) });
    const { said } = await run(url, { expectBodyRegex: '^(a+)+b$' });
    expect(said).toEqual(['unknown', 'local_resource', 'agent']);
  });
});

describe('a body behind our own bounds', () => {
  const said = ['unknown', 'local_resource', 'agent'];

  test.each([
    [{ expectBody: 'nowhere' }, 'maxBodyBytes'],
    [{ expectBodyRegex: 'nowhere' }, 'maxBodyBytes'],
    [{ expectJsonPath: 'a = 1' }, 'maxBodyBytes'],
  ] as const)('may meet %j: unknown, with the bound named', async (options, bound) => {
    const { url } = await serve({ body: `start ${' '.repeat(5000)}` });
    const ran = await run(url, { ...options, maxBodyBytes: 1000 });
    expect([ran.said, ran.outcome.finding?.operation]).toEqual([said, expect.stringContaining(bound)]);
    expect((await run(url, { expectBody: 'start', maxBodyBytes: 1000 })).verdict).toBe('up');
  });

  test('is searched as far as it is kept', async () => {
    const { url } = await serve({ body: `start${' '.repeat(9 * 1024 * 1024)}end`, gzip: true });
    const options = { maxBodyBytes: 16 * 1024 * 1024, timeoutSeconds: 20 };
    expect((await run(url, { ...options, expectBody: 'start' })).verdict).toBe('up');
    const { said: lacking, outcome, metrics } = await run(url, { ...options, expectBody: 'end' });
    expect([lacking, outcome.finding?.operation]).toEqual([said, expect.stringContaining('8 MiB')]);
    expect(metrics.body_bytes).toBe(9 * 1024 * 1024 + 8);
  }, 120_000);

  test('that is coded and cut is searched as far as it can be undone', async () => {
    const { url } = await serve({ body: `start${randomBytes(400_000).toString('hex')}end`, gzip: true });
    const options = { maxBodyBytes: 100_000 };
    expect((await run(url, { ...options, expectBody: 'start' })).verdict).toBe('up');
    expect((await run(url, { ...options, expectBody: 'end' })).said).toEqual(said);
  });

  test('in an unrequested coding is unknown only where it must be searched', async () => {
    const { url } = await serve({ header: ['Content-Encoding: compress'], body: 'x' });
    const { said: lacking, outcome } = await run(url, { expectBody: 'x' });
    expect([lacking, outcome.finding?.operation]).toEqual([said, expect.stringContaining('compress')]);
    const { verdict, absent } = await run(url);
    expect([verdict, absent.body_bytes]).toEqual(['up', 'not_supported']);
  });
});

test('a number that the document writes as a text is named as such', async () => {
  const { url } = await serve({ body: '{"queue":"7"}' });
  const { said, outcome } = await run(url, { expectJsonPath: 'queue < 10' });
  expect(said).toEqual(['down', 'unexpected_content', 'target']);
  expect(outcome.finding?.operation).toContain('it is a text, not a number');
});

test('a page is read in the charset that it declares', async () => {
  const page = Buffer.from('<meta charset=windows-1252>Gr\xfc\xdfe', 'latin1');
  const url = await answering((response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(page));
  expect((await run(url, { expectBody: 'Grüße' })).verdict).toBe('up');
});

describe('a failure', () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
  test.each([
    ['refusing', { kind: 'peer', behaviour: 'refusing' }, 'refused'],
    ['silent', { kind: 'peer', behaviour: 'silent' }, 'timeout'],
    ['half-open', { kind: 'peer', behaviour: 'half_open' }, 'closed_early'],
    ['talking rubbish', { kind: 'peer', behaviour: 'rubbish' }, 'protocol_violation'],
    ['resetting at once', { kind: 'peer', behaviour: 'resetting', text: '' }, 'reset'],
    ['resetting after the request', { kind: 'peer', behaviour: 'resetting', text: 'HTTP/1.1 20' }, 'reset'],
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
    ['slow throughout', { kind: 'http', behaviour: { delayMs: 2000 } }, 'timeout'],
    ['slow between chunks', { kind: 'http', behaviour: { bodyBytes: 50, chunks: 5, chunkGapMs: 500 } }, 'timeout'],
  ] as const)('of a server that is %s', async (_, config, cause) => {
    const { url, facts } = await listen(config);
    const { said, log, outcome, metrics, absent } = await run(url, { timeoutSeconds: 1 });
    expect(said).toEqual(['down', cause, 'target']);
    expect(outcome.finding?.operation).toContain(`127.0.0.1:${facts.port}`);
    expect(log.length).toBeGreaterThan(0);
    expect(absent.total_time_ms).toBe(cause === 'timeout' ? 'timed_out' : 'run_failed');
    // A reset can arrive before the process knows of the connection.
    if (cause !== 'refused' && cause !== 'reset') expect(num(metrics.connect_time_ms)).toBeGreaterThan(0);
  });

  test('of our own bounds is unknown, and names the bound', async () => {
    const { url } = await saying(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(400_000)}\r\n\r\n`);
    const { said, outcome } = await run(url);
    expect(said).toEqual(['unknown', 'local_resource', 'agent']);
    expect(outcome.finding?.operation).toContain('320 KiB');
  });

  test('in the body keeps the status and the time to first byte', async () => {
    const { url } = await serve({ bodyBytes: 1000, cutAfterBytes: 10, status: 201 });
    const { metrics } = await run(url);
    expect(metrics.status).toBe(201);
    expect(num(metrics.ttfb_ms)).toBeGreaterThan(0);
  });

  test.each([
    ['that has ended', { untilDays: -2 }, 'certificate_expired'],
    ['that does not hold yet', { fromDays: 2, untilDays: 9 }, 'certificate_not_yet_valid'],
    ['of a stranger', { signer: 'stranger' }, 'certificate_untrusted'],
    ['for another name', { names: ['elsewhere.test'] }, 'name_mismatch'],
  ] as const)('of a certificate %s: nothing is asked of that server', async (_, certificate, cause) => {
    const { url, ca, seen, facts } = await secure({ certificate });
    const judged = await timed(url, { ca });
    expect(judged.said).toEqual(['down', cause, 'target']);
    expect(num(judged.metrics.tls_time_ms)).toBeGreaterThan(0);
    const daysLeft = (num(facts.notAfterMs) - Date.now()) / DAY_MS;
    expect(judged.metrics.certificate_days_left).toBeCloseTo(daysLeft, 3);
    expect(seen()).toEqual([]);
    const trusting = await run(url, { ca, verifyCertificate: false });
    expect(trusting.verdict).toBe('up');
    expect(JSON.stringify(trusting.detail.tls)).toContain('fault');
  });

  test('of TLS where there is none', async () => {
    const { facts } = await serve();
    expect((await run(`https://127.0.0.1:${facts.port}/`)).said).toEqual(['down', 'tls_failed', 'target']);
  });

  test('of a name that does not exist', async () => {
    const { said, absent } = await run('http://nobody.invalid/');
    expect(said[1] === 'nxdomain' ? said : ['unknown', 'resolver_failed', 'resolver']).toEqual(said);
    expect(absent).toMatchObject({ tls_time_ms: 'not_applicable', dns_time_ms: 'run_failed' });
  });

  test('on this host’s own side is unknown', async () => {
    const broadcast = async (): Promise<Addresses> => [{ address: '255.255.255.255', family: 4 }];
    const { verdict, finding } = await runResolved(http, httpRunner, 'http://name.test/', {}, broadcast);
    expect([verdict, finding?.side]).toEqual(['unknown', 'agent']);
  });
});
