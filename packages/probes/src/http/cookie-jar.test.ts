import { expect, test } from 'vitest';
import { cookieDateMs } from './cookie-date.ts';
import { CookieJar } from './cookie-jar.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

test.each([
  ['a=1', 'https://x.test/', 'https://x.test/p', 'a=1'],
  ['a=1', 'https://x.test/', 'https://y.x.test/', ''],
  ['a=1', 'https://x.test/', 'https://y.test/', ''],
  ['a=1; Domain=x.test', 'https://x.test/', 'https://y.x.test/', 'a=1'],
  ['a=1; Domain=.X.test', 'https://y.x.test/', 'https://x.test/', 'a=1'],
  ['a=1; Domain=y.test', 'https://x.test/', 'https://y.test/', ''],
  ['a=1; Domain=test', 'https://x.test/', 'https://y.test/', ''],
  ['a=1; Domain=x.test', 'https://notx.test/', 'https://x.test/', ''],
  ['a=1; Domain=1.2.3.4', 'https://1.2.3.4/', 'https://1.2.3.4/', 'a=1'],
  ['a=1; Domain=3.4', 'https://1.2.3.4/', 'https://1.2.3.4/', ''],
  ['a=1; Path=/in', 'https://x.test/', 'https://x.test/in/side', 'a=1'],
  ['a=1; Path=/in', 'https://x.test/', 'https://x.test/inside', ''],
  ['a=1', 'https://x.test/in/page', 'https://x.test/in/other', 'a=1'],
  ['a=1', 'https://x.test/in/page', 'https://x.test/out', ''],
  ['a=1; Secure', 'https://x.test/', 'http://x.test/', ''],
  ['a=1; Max-Age=60', 'https://x.test/', 'https://x.test/', 'a=1'],
  ['a=1; Max-Age=0', 'https://x.test/', 'https://x.test/', ''],
  ['a=1; Expires=Wed, 31 Dec 2025 00:00:00 GMT', 'https://x.test/', 'https://x.test/', ''],
  ['a=1; Expires=Fri, 02-Jan-2026 00:00:00 GMT', 'https://x.test/', 'https://x.test/', 'a=1'],
  ['a=1; Expires=Wed, 31 Dec 2025 00:00:00 GMT; Max-Age=9', 'https://x.test/', 'https://x.test/', 'a=1'],
  ['a=1; Domain=com', 'https://x.com/', 'https://x.com/', ''],
  ['a=1; Domain=com', 'https://com/', 'https://com/', 'a=1'],
  ['a=1; Domain=com', 'https://com/', 'https://x.com/', ''],
  ['a=b=c', 'https://x.test/', 'https://x.test/', 'a=b=c'],
  ['=1', 'https://x.test/', 'https://x.test/', ''],
  ['nothing', 'https://x.test/', 'https://x.test/', ''],
  ['a=\x01', 'https://x.test/', 'https://x.test/', ''],
  [`a=${'x'.repeat(5000)}`, 'https://x.test/', 'https://x.test/', ''],
])('%j of %s is sent to %s as %j', (header, from, to, expected) => {
  const jar = new CookieJar();
  jar.store(new URL(from), [header], NOW_MS);
  const sent = jar.for(new URL(to), NOW_MS).map(({ name, value }) => `${name}=${value}`);
  expect(sent.join('; ')).toBe(expected);
});

const JAN_2_2026 = Date.UTC(2026, 0, 2);

test.each([
  ['Fri, 02 Jan 2026 00:00:00 GMT', JAN_2_2026],
  ['Friday, 02-Jan-26 00:00:00 GMT', JAN_2_2026],
  ['Fri Jan  2 00:00:00 2026', JAN_2_2026],
  ['Fri, 02 Jan 2026 00:00:00 PST', JAN_2_2026],
  ['Fri, 02 Jan 2026 00:00:00 +0900', JAN_2_2026],
  ['2 january 26 0:0:0', JAN_2_2026],
  ['00:00:00 2 2026 jan', JAN_2_2026],
  ['1 Jan 69 00:00:00', Date.UTC(2069, 0, 1)],
  ['1 Jan 70 00:00:00', 0],
  ['1 Jan 1600 00:00:00', null],
  ['30 Feb 2026 00:00:00', null],
  ['2 Jan 2026 24:00:00', null],
  ['2 Jan 2026', null],
  ['2026-01-02T00:00:00Z', null],
  ['', null],
])('Expires %j is %s', (text, ms) => {
  expect(cookieDateMs(text)).toBe(ms);
});

test('a replaced cookie keeps its place among those of its path', () => {
  const jar = new CookieJar();
  const url = new URL('https://x.test/');
  jar.store(url, ['a=1', 'b=2', 'a=3'], NOW_MS);
  expect(jar.for(url, NOW_MS).map(({ name, value }) => `${name}=${value}`)).toEqual(['a=3', 'b=2']);
});

test('a cookie of the same name, domain and path replaces the one before, and longer paths go first', () => {
  const jar = new CookieJar();
  const url = new URL('https://x.test/a/b');
  jar.store(url, ['a=1; Path=/', 'b=2; Path=/a', 'a=3; Path=/', 'c=4; Path=/', 'c=; Path=/; Max-Age=-1'], NOW_MS);
  expect(jar.for(url, NOW_MS).map(({ name, value }) => `${name}=${value}`)).toEqual(['b=2', 'a=3']);
});

test('at most fifty cookies are kept', () => {
  const jar = new CookieJar();
  const url = new URL('https://x.test/');
  jar.store(
    url,
    Array.from({ length: 60 }, (_, index) => `c${index}=1`),
    NOW_MS,
  );
  expect(jar.for(url, NOW_MS)).toHaveLength(50);
});
