import { canonical6 } from './canonical-address.ts';

/** Addresses that begin like these, from 1 to 223 or with a group that is neither 0 nor ff.., need no further check. */
const MOST_IPV4 = /^([1-9]\d?|1\d\d|2[01]\d|22[0-3])\./;
const MOST_IPV6 = /^([1-9a-e]|f[0-9a-e])[0-9a-f]*:/i;

/**
 * Names the kind of an address that cannot belong to one host ("a multicast address"); null for any other address, and
 * for text that is not an address.
 * Source: RFC 1122 section 3.2.1.3, RFC 1112 section 4, RFC 4291 sections 2.5.2 and 2.7
 */
export function whyNotAHost(address: string): string | null {
  if (MOST_IPV4.test(address) || MOST_IPV6.test(address)) return null;
  const four = address.includes(':') ? mapped4(address) : address.split('.').map(Number);
  if (four !== null) return notAHost4(four);
  const six = canonical6(address);
  if (six === '::') return 'the unspecified address';
  return /^ff[0-9a-f]{2}:/.test(six) ? 'a multicast address' : null;
}

function notAHost4([first = -1, ...rest]: readonly number[]): string | null {
  if (first === 0) return 'an address of "this network"';
  if (first >= 224 && first <= 239) return 'a multicast address';
  if (!(first >= 240)) return null;
  return [first, ...rest].every((part) => part === 255) ? 'the broadcast address' : 'a reserved address';
}

/** The four bytes of an IPv4 address that is written as an IPv6 one; null for others. */
function mapped4(address: string): readonly number[] | null {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical6(address)) ?? [];
  if (high === undefined || low === undefined) return null;
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
