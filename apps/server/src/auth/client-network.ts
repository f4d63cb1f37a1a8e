import { isIPv6 } from 'node:net';

/** 16-bit groups of an IPv6 customer network, a /64. */
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * The key of a client for counting attempts: an IPv4 address, or the /64 of an IPv6 address, since a client with one
 * address of a /64 has all of them. A text that is not an address is its own key.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return bare;
  const text = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(text);
  if (mapped !== null) return dotted(mapped[1] ?? '', mapped[2] ?? '');
  return `${groupsOf(text).slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** All eight groups of a normalised address. */
function groupsOf(text: string): readonly string[] {
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
}

const dotted = (high: string, low: string): string =>
  [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');
