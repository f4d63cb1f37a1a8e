import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatIpAddress,
  parseIpAddress,
  readSocketAddress,
  socketAddressSize,
  writeSocketAddress,
} from './ip-address.ts';

test.each([
  ['192.0.2.255', [192, 0, 2, 255]],
  ['::', new Array(16).fill(0)],
  ['::1', [...new Array(15).fill(0), 1]],
  ['2001:db8::ff00:42:8329', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x42, 0x83, 0x29]],
  ['::ffff:192.0.2.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]],
])('%s is read byte by byte', (text, bytes) => {
  expect([...parseIpAddress(text).bytes]).toEqual(bytes);
});

test('any address is written so that it reads back the same, through a socket address too', () => {
  const four = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const six = fc
    .array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
    .map((b) => Uint8Array.from(b));
  fc.assert(
    fc.property(fc.oneof(four, six), fc.integer({ min: 0, max: 65_535 }), (bytes, port) => {
      const text = formatIpAddress(bytes);
      const parsed = parseIpAddress(text);
      expect([...parsed.bytes]).toEqual([...bytes]);
      const name = new Uint8Array(socketAddressSize(parsed.family));
      writeSocketAddress(name, 0, parsed, port);
      expect(readSocketAddress(name, 0)).toEqual({ address: text, port });
    }),
  );
});

test('RFC 5952: the longest run of zeros is shortened, the first of equals, never a single group', () => {
  expect(formatIpAddress(parseIpAddress('2001:db8:0:0:1:0:0:1').bytes)).toBe('2001:db8::1:0:0:1');
  expect(formatIpAddress(parseIpAddress('2001:0:db8:1:1:1:1:1').bytes)).toBe('2001:0:db8:1:1:1:1:1');
});

test.each(['localhost', '', '-n', '1.2.3', '::1%nosuch', '1.2.3.4%lo', 'http://[::1'])('%j is refused', (text) => {
  expect(() => parseIpAddress(text)).toThrow(RangeError);
});
