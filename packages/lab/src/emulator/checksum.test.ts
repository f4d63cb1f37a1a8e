import { expect, test } from 'vitest';
import { addWords, foldChecksum, sealIpv4Header } from './checksum.ts';

test('the checksum of the worked example of RFC 1071 section 3 is correct', () => {
  // 0001 + f203 + f4f5 + f6f7 = 2ddf0, folded ddf2; its complement is 220d.
  const bytes = Buffer.from('0001f203f4f5f6f7', 'hex');
  expect(addWords(bytes, 0, 8)).toBe(0x2ddf0);
  expect(foldChecksum(0x2ddf0)).toBe(0x220d);
});

test('an odd last byte counts as the high byte', () => {
  expect(addWords(Buffer.from('010203', 'hex'), 0, 3)).toBe(0x0102 + 0x0300);
});

test('a header with its checksum sums to all ones', () => {
  const header = Buffer.from('450000540000400040010000c0a80001c0a800c7', 'hex');
  sealIpv4Header(header);
  expect(foldChecksum(addWords(header, 0, 20))).toBe(0);
});
