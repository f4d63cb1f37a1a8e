import type { QueryType } from './descriptor.ts';

/**
 * Numbers of the record types that can be queried.
 * Source: RFC 1035 section 3.2.2, RFC 3596 section 2.1 (AAAA), RFC 2782 (SRV), RFC 6844 section 7.1 (CAA)
 */
export const TYPE_NUMBERS: Readonly<Record<QueryType, number>> = Object.freeze({
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
});

/**
 * Types that accompany others.
 * Source: RFC 6672 section 2.1 (DNAME), RFC 6891 section 6.1.1 (OPT), RFC 4034 section 3 (RRSIG)
 */
export const DNAME = 39;
export const OPT = 41;
export const RRSIG = 46;

const NAMES = new Map<number, string>([
  ...Object.entries(TYPE_NUMBERS).map(([name, number]): [number, string] => [number, name]),
  [DNAME, 'DNAME'],
  [43, 'DS'],
  [RRSIG, 'RRSIG'],
  [47, 'NSEC'],
  [48, 'DNSKEY'],
  [50, 'NSEC3'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
]);

/** `TYPE99` for a number without a name here. Source: RFC 3597 section 5 */
export const typeName = (type: number): string => NAMES.get(type) ?? `TYPE${type}`;
