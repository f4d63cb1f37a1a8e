import { isIPv4, isIPv6 } from 'node:net';
import { AF_INET, AF_INET6 } from './constants.ts';
import { SOCKADDR_IN, SOCKADDR_IN6 } from './layouts.ts';
import { libc } from './libc.ts';

/** The two IP families. */
export type IpFamily = 4 | 6;

/** An address as the kernel takes it: 4 or 16 bytes, and for IPv6 the interface index of a zone (0: none). */
export interface IpAddress {
  readonly family: IpFamily;
  readonly bytes: Uint8Array;
  readonly scope: number;
}

/**
 * Reads a literal address (`192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`); names are never resolved here.
 * @throws RangeError for anything else, an unknown zone included
 */
export function parseIpAddress(text: string): IpAddress {
  const [literal = '', zone] = text.split('%');
  if (zone === undefined && isIPv4(literal)) {
    return { family: 4, bytes: Uint8Array.from(literal.split('.'), Number), scope: 0 };
  }
  if (isIPv6(literal)) return { family: 6, bytes: parseIpv6(literal), scope: zone === undefined ? 0 : zoneIndex(zone) };
  throw new RangeError(`address must be an IPv4 or IPv6 literal, got ${JSON.stringify(text)}`);
}

function zoneIndex(zone: string): number {
  const index = /^\d+$/.test(zone) ? Number(zone) : libc().if_nametoindex(zone);
  if (index === 0) throw new RangeError(`address names the zone ${JSON.stringify(zone)}, which is no interface here`);
  return index;
}

function parseIpv6(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const bytes = new Uint8Array(16);
  bytes.set(front, 0);
  bytes.set(back, 16 - back.length);
  return bytes;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Writes 4 or 16 address bytes as text: dotted quads, or RFC 5952's form of IPv6. */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  const run = longestZeroRun(words);
  if (run.length < 2) return words.join(':');
  return `${words.slice(0, run.start).join(':')}::${words.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(words: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, word] of words.entries()) {
    if (word !== '0') start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

/** The length of a socket address of this family in bytes. */
export function socketAddressSize(family: IpFamily): number {
  return family === 4 ? SOCKADDR_IN.size : SOCKADDR_IN6.size;
}

/** Writes the socket address of `address` and `port` at `offset` of `into`. */
export function writeSocketAddress(into: Uint8Array, offset: number, address: IpAddress, port: number): void {
  const view = new DataView(into.buffer, into.byteOffset + offset, socketAddressSize(address.family));
  view.setUint16(0, address.family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  const at = address.family === 4 ? SOCKADDR_IN.address : SOCKADDR_IN6.address;
  into.set(address.bytes, offset + at);
  if (address.family === 6) view.setUint32(SOCKADDR_IN6.scope, address.scope, true);
}

/** Reads a socket address; undefined when it is of another family (or was not filled). */
export function readSocketAddress(from: Uint8Array, offset: number): { address: string; port: number } | undefined {
  const view = new DataView(from.buffer, from.byteOffset + offset);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { address: formatIpAddress(from.subarray(offset + 4, offset + 8)), port };
  if (family === AF_INET6) return { address: formatIpAddress(from.subarray(offset + 8, offset + 24)), port };
  return undefined;
}
