import { isIP } from 'node:net';
import { RunFailure } from '../contract/context.ts';
import type { QueryType } from './descriptor.ts';

/**
 * The name to query: the target's, or for PTR records of an address its name in the reverse zone (Source: RFC 1035
 * section 3.5, RFC 3596 section 2.5).
 * @throws RunFailure for an address with another type: nothing was measured.
 */
export function queryName(host: string, type: QueryType): string {
  const family = isIP(host);
  if (family === 0) return host.replace(/\.$/, '');
  if (type === 'PTR') return family === 4 ? `${host.split('.').reverse().join('.')}.in-addr.arpa` : reverse6(host);
  throw new RunFailure(
    { cause: 'unsupported', side: 'agent', operation: `ask for ${type} of ${host}` },
    `the target ${host} is an address, which has no ${type} records: give a name, or set the record type to PTR`,
  );
}

function reverse6(host: string): string {
  const [address = ''] = host.split('%');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain = dotted === null ? address : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [head = '', tail] = plain.split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  const nibbles = [...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join('');
  return `${[...nibbles.toLowerCase()].reverse().join('.')}.ip6.arpa`;
}

const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
const pair = (high = '0', low = '0'): string => (Number(high) * 256 + Number(low)).toString(16);
