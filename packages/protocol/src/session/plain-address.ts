/** An IP address without zone and brackets. */
export interface PlainAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  /** The address as a number of 32 or 128 bits. */
  readonly value: bigint;
}

/** A range of addresses that hand out a machine's secrets or belong to one link alone. */
export interface GuardedRange {
  readonly cidr: string;
  readonly what: string;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/**
 * Every address that a text stands for; empty where it is no address. Of what merely writes an IPv4 address as IPv6
 * (mapped, compatible, translated, NAT64) the IPv4 address comes first; of what carries packets to one (6to4, Teredo,
 * ISATAP, a local NAT64 prefix) the IPv6 one. The kernel takes the unspecified address for loopback, and so does this.
 */
export function addressesWithin(text: string): readonly PlainAddress[] {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (IPV4.test(bare)) return [ipv4(bare.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n))];
  const value = ipv6Value(bare);
  if (value === null) return [];
  const standsFor = STANDS_FOR.find(([prefix]) => value >> 32n === prefix);
  if (standsFor !== undefined && value > 1n) return [ipv4(value & 0xffff_ffffn), ipv6(value)];
  return [ipv6(value), ...carriedBy(value).map(ipv4)];
}

/** The guarded range that an address lies in; null: none. */
export function guardedRange({ family, value }: PlainAddress): GuardedRange | null {
  const found = GUARDED.find((range) => range.family === family && value >> range.hostBits === range.prefix);
  return found === undefined ? null : { cidr: found.cidr, what: found.what };
}

/** First 96 bits of what stands for the IPv4 address in the last 32. */
const STANDS_FOR: readonly (readonly [prefix: bigint, what: string])[] = [
  [0xffffn, 'mapped: ::ffff:0:0/96. Source: RFC 4291 section 2.5.5.2'],
  [0n, 'compatible: ::/96. Source: RFC 4291 section 2.5.5.1'],
  [0xffff_0000n, 'translated: ::ffff:0:0:0/96. Source: RFC 2765 section 2.1'],
  [0x0064_ff9b_0000_0000_0000_0000n, 'NAT64: 64:ff9b::/96. Source: RFC 6052 section 2.1'],
];

/** IPv4 addresses that packets to an IPv6 address are sent to on their way, as numbers. */
function carriedBy(value: bigint): readonly bigint[] {
  const at = (bit: number): bigint => (value >> BigInt(96 - bit)) & 0xffff_ffffn;
  // 6to4: the router's address follows the prefix. Source: RFC 3056 section 2.
  if (value >> 112n === 0x2002n) return [at(16)];
  // Teredo: the server's address, and the client's with all bits turned over. Source: RFC 4380 section 4.
  if (value >> 96n === 0x2001_0000n) return [at(32), at(96) ^ 0xffff_ffffn];
  // NAT64 with a local prefix of any length. Source: RFC 8215, RFC 6052 section 2.2.
  if (value >> 80n === 0x0064_ff9b_0001n) return [at(96), split(value, 48), split(value, 56), at(72)];
  // ISATAP: its interface identifier is 0:5efe or 200:5efe and the address. Source: RFC 5214 section 6.1.
  if (((value >> 32n) & 0xfdff_ffffn) === 0x5efen) return [at(96)];
  return [];
}

/** The 32 bits that follow a prefix, around the eight bits from bit 64 on, which are zero. Source: RFC 6052 section 2.2. */
function split(value: bigint, prefixBits: number): bigint {
  const before = BigInt(64 - prefixBits);
  const high = (value >> 64n) & ((1n << before) - 1n);
  const after = 32n - before;
  return (high << after) | ((value >> (56n - after)) & ((1n << after) - 1n));
}

function ipv6Value(text: string): bigint | null {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return null;
  let canonical: string;
  try {
    canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return null;
  }
  const [before = [], after = []] = canonical
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.reduce((sum, group) => sum * 0x10000n + BigInt(`0x${group}`), 0n);
}

function ipv4(value: bigint): PlainAddress {
  const known = value === 0n ? 0x7f00_0001n : value;
  const octets = [24n, 16n, 8n, 0n].map((shift) => (known >> shift) & 255n);
  return { family: 'ipv4', address: octets.join('.'), value: known };
}

function ipv6(value: bigint): PlainAddress {
  const known = value === 0n ? 1n : value;
  const groups = Array.from({ length: 8 }, (_, i) => ((known >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return { family: 'ipv6', address: groups.join(':'), value: known };
}

const GUARDED = (
  [
    ['169.254.169.254', 'a cloud metadata address'],
    ['100.100.100.200', 'a cloud metadata address'],
    ['192.0.0.192', 'a cloud metadata address'],
    ['168.63.129.16', 'a cloud metadata address'],
    ['fd00:ec2::254', 'a cloud metadata address'],
    ['fd20:ce::254', 'a cloud metadata address'],
    ['169.254.0.0/16', 'a link-local address'],
    ['fe80::/10', 'a link-local address'],
  ] as const
).map(([cidr, what]) => {
  const [text = '', bits] = cidr.split('/');
  const [{ family, value }] = addressesWithin(text) as readonly [PlainAddress];
  const width = family === 'ipv4' ? 32 : 128;
  const hostBits = BigInt(width - Number(bits ?? width));
  return { cidr, what, family, hostBits, prefix: value >> hostBits };
});
