import { idSaysUnit } from '@netsonde/metrics';
import { describe, expect, test } from 'vitest';
import { optionFields } from '../contract/option-field.ts';
import { parseTarget } from '../contract/parse-target.ts';
import { http } from './descriptor.ts';

describe('the http descriptor', () => {
  test('declares the metrics of the catalogue, each id ending in its unit', () => {
    expect(http.metrics.map(({ id }) => id)).toEqual([
      'dns_time_ms',
      'connect_time_ms',
      'tls_time_ms',
      'ttfb_ms',
      'download_time_ms',
      'total_time_ms',
      'status',
      'redirects',
      'wire_bytes',
      'body_bytes',
      'compression_ratio',
      'throughput_bps',
      'connection_reuse_pct',
      'cache_hit_pct',
      'cdn_time_saved_pct',
      'server_time_ms',
      'database_time_ms',
      'certificate_days_left',
      'responses_2xx',
      'responses_3xx',
      'responses_4xx',
      'responses_5xx',
      'protocol',
      'cdn',
    ]);
    for (const { id, unit } of http.metrics) if (unit !== null) expect(idSaysUnit(id, unit), id).toBe(true);
  });

  test('declares the flag and kind of each option', () => {
    const fields = optionFields(http.options);
    expect(fields.map(({ flag }) => flag)).toEqual([
      'method',
      'header',
      'body',
      'timeout',
      'family',
      'follow-redirects',
      'max-redirects',
      'compression',
      'max-body-bytes',
      'verify-certificate',
      'ca',
      'expect-status',
      'expect-header',
      'expect-body',
      'expect-body-regex',
      'expect-json',
      'requests',
      'revalidate',
      'cdn-compare',
    ]);
    expect(fields.find(({ name }) => name === 'headers')?.kind).toBe('list');
  });

  test('has defaults for all options', () => {
    expect(http.options.parse({})).toMatchObject({
      method: 'GET',
      expectStatus: '200-399',
      requests: 1,
      cdnCompare: 0,
    });
  });

  test.each([
    { headers: ['X: a\r\nInjected: b'] },
    { headers: ['X: a\nb'] },
    { headers: ['X Y: a'] },
    { headers: ['no colon'] },
    { headers: ['X: \u0000'] },
    { headers: ['X: \u{1f600}'] },
    { headers: ['Content-Length: 5'] },
    { headers: ['transfer-encoding: chunked'] },
    { headers: ['Connection: close'] },
    { expectHeader: ['a b'] },
    { expectStatus: '200-' },
    { expectStatus: '99' },
    { expectStatus: '' },
    { expectBodyRegex: '(' },
    { expectJsonPath: '= 3' },
    { expectJsonPath: 'a..b' },
    { method: 'DELETE' },
    { requests: 0 },
    { ca: '/etc/ssl/cert.pem' },
    { unknown: true },
  ])('refuses %j', (wrong) => {
    const { success, error } = http.options.safeParse(wrong);
    expect(success).toBe(false);
    expect(error?.issues[0]?.path[0] ?? 'unknown').toBe(Object.keys(wrong)[0]);
  });

  test('accepts only http and https URLs without credentials', () => {
    expect(parseTarget(http.target, 'https://[::1]:8443/a?b')).toMatchObject({ host: '::1', port: 8443 });
    for (const wrong of [
      'example.net',
      'ftp://example.net',
      'http://[::1',
      'http://u:p@example.net',
      '-oProxyCommand=x',
      '',
    ])
      expect(() => parseTarget(http.target, wrong), wrong).toThrow();
  });

  test('allows for all requests in its deadline and its bytes', () => {
    const cost = (options: object) => http.cost(http.options.parse({ timeoutSeconds: 2, ...options }));
    expect(cost({}).seconds).toBeGreaterThan(2);
    expect(cost({ requests: 3, revalidate: true, cdnCompare: 2 }).seconds).toBe(cost({}).seconds + 7 * 2);
    expect(cost({ maxBodyBytes: 9_000_000 }).bytes).toBeGreaterThan(9_000_000);
  });
});
