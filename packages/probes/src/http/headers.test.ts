import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cacheEvidence } from './cache-evidence.ts';
import { cdnName } from './cdn-name.ts';
import { shownUrl } from './origin.ts';
import { databaseTimeMs, serverTimeMs, serverTimings } from './server-timing.ts';
import { statusIn } from './status-range.ts';

test.each([
  [['Cache-Status', 'a; fwd=miss', 'cache-status', 'b; hit; ttl=5'], true],
  [['Cache-Status', 'a; hit=?1'], true],
  [['Cache-Status', 'a; hit=?0'], false],
  [['Cache-Status', '"a; hit, b"; fwd=stale'], false],
  [['Cache-Status', 'a; fwd=uri-miss', 'X-Cache', 'HIT'], false],
  [['X-Cache', 'TCP_MISS from x'], false],
  [['X-Cache', 'MISS, HIT'], true],
  [['cf-cache-status', 'EXPIRED'], false],
  [['cf-cache-status', 'REVALIDATED'], true],
  [['X-Cache', 'cp3061', 'Age', '12'], true],
  [['Age', '0'], undefined],
  [['Age', 'x'], undefined],
  [[], undefined],
])('%j is a hit: %s', (headers, hit) => {
  expect(cacheEvidence(headers)?.hit).toBe(hit);
});

test.each([
  [['Server', 'cloudflare'], 'Cloudflare'],
  [['x-amz-cf-id', 'abc'], 'CloudFront'],
  [['Server', 'AkamaiGHost'], 'Akamai'],
  [['Via', '1.1 google'], 'Google'],
  [['X-Served-By', 'web-3'], undefined],
  [['X-CDN', 'Own CDN'], 'Own CDN'],
  [['Server', 'nginx'], undefined],
])('%j names %s', (headers, cdn) => {
  expect(cdnName(headers)).toBe(cdn);
});

test('reads Server-Timing as the specification writes it', () => {
  const timings = serverTimings(['Server-Timing', 'miss, db;dur=53, app;desc="a, b; dur=1";dur="47.2", cache;desc=x']);
  expect(timings).toEqual([
    { name: 'miss', durMs: null },
    { name: 'db', durMs: 53 },
    { name: 'app', durMs: 47.2 },
    { name: 'cache', durMs: null },
  ]);
  expect([serverTimeMs(timings), databaseTimeMs(timings)]).toEqual([47.2, 53]);
});

test('never adds up server times that may overlap, nor invents missing ones', () => {
  expect(serverTimeMs(serverTimings(['server-timing', 'render;dur=5, auth;dur=6']))).toBeUndefined();
  expect(serverTimeMs(serverTimings(['server-timing', 'render;dur=5, db;dur=6']))).toBe(5);
  expect(serverTimeMs(serverTimings(['server-timing', 'total']))).toBeUndefined();
  const digits = '9'.repeat(400);
  expect(serverTimeMs(serverTimings(['server-timing', `total;dur=1e9, app;dur=${digits}, origin;dur=7`]))).toBe(7);
  expect(databaseTimeMs(serverTimings(['server-timing', `db;dur=${'9'.repeat(30)}`]))).toBeUndefined();
  expect(databaseTimeMs(serverTimings(['server-timing', 'dbx;dur=5, cfdb;dur=1']))).toBeUndefined();
  expect(serverTimings([])).toEqual([]);
});

test('knows ranges of status codes', () => {
  expect([200, 299, 300, 404].map((status) => statusIn('200-299, 404', status))).toEqual([true, true, false, true]);
});

test('leaves credentials out of addresses', () => {
  expect(shownUrl('/cb?code=abc&state=1#x')).toBe('/cb?code=left-out&state=1#x');
  expect(shownUrl('https://x.test/?a=1&Api_Key=k')).toBe('https://x.test/?a=1&Api_Key=left-out');
  expect(shownUrl('https://x.test/p')).toBe('https://x.test/p');
});

test('accepts whatever servers send', () => {
  const names = ['cache-status', 'server-timing', 'age', 'x-cache', 'via', 'server', 'x-cdn'];
  const header = fc.tuple(fc.constantFrom(...names), fc.string());
  fc.assert(
    fc.property(fc.array(header), (headers) => {
      const raw = headers.flat();
      expect([true, false, undefined]).toContain(cacheEvidence(raw)?.hit);
      expect(['string', 'undefined']).toContain(typeof cdnName(raw));
      for (const { name, durMs } of serverTimings(raw)) expect(name !== '' && !Number.isNaN(durMs)).toBe(true);
    }),
  );
});

test('is not kept busy by a header made for that', () => {
  const hostile = `"${'\\"'.repeat(8000)}`;
  expect(cacheEvidence(['cache-status', hostile])?.hit).toBe(false);
  expect(Array.isArray(serverTimings(['server-timing', hostile]))).toBe(true);
});
