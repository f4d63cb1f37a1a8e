import type { MetricDescriptor } from '../contract/metric.ts';
import { RCODE_NAMES_BY_NUMBER } from './rcodes.ts';

const time = { kind: 'float', unit: 'ms', better: 'lower', aggregate: 'mean', timed: 'process' } as const;
const flag = { kind: 'boolean', unit: null, better: 'neither', aggregate: 'last' } as const;

export const dnsMetrics: readonly MetricDescriptor[] = Object.freeze([
  {
    id: 'resolution_time_ms',
    label: 'Resolution time',
    description:
      'From sending the query to the arrival of its complete answer; over TCP, TLS and HTTPS on a connection that stands already',
    ...time,
    timed: 'kernel',
    headline: true,
    sketch: true,
    source: 'kernel stamps of both datagrams over UDP, the process’s clock otherwise',
  },
  {
    id: 'setup_time_ms',
    label: 'Set-up time',
    description: 'Connecting to the resolver and the TLS handshake, before the query; UDP has none',
    ...time,
    source: 'connecting: TCP_INFO tcpi_rtt where the kernel has it; TLS: monotonic clock of the process',
  },
  {
    id: 'rcode',
    label: 'Response code',
    description:
      'Response code of the resolver, with the extended bits of EDNS: NOERROR (0), SERVFAIL (2), NXDOMAIN (3), REFUSED (5)',
    kind: 'integer',
    unit: null,
    better: 'neither',
    aggregate: 'last',
    codes: RCODE_NAMES_BY_NUMBER,
    source: 'RFC 1035 section 4.1.1, RFC 6891 section 6.1.3',
  },
  {
    id: 'answers',
    label: 'Answers',
    description:
      'Records that answer the question: of the type asked for, and the aliases that lead to them; signatures (RRSIG) not',
    kind: 'integer',
    unit: null,
    better: 'neither',
    aggregate: 'last',
    headline: true,
    source: 'RFC 1035 section 4.1.1',
  },
  {
    id: 'ttl_min_s',
    label: 'Least time to live',
    description: 'How long the answer may still be cached: the least TTL of those records',
    kind: 'integer',
    unit: 's',
    better: 'neither',
    aggregate: 'min',
    source: 'RFC 1035 section 4.1.3',
  },
  {
    id: 'authenticated_data',
    label: 'Authenticated data',
    description:
      'Whether the resolver says that it verified the answer’s signatures (AD); only where DNSSEC is asked for',
    ...flag,
    better: 'higher',
    source: 'RFC 4035 section 3.2.3',
  },
  {
    id: 'truncated',
    label: 'Truncated',
    description: 'Whether the answer over UDP was cut (TC), so that it was asked for again over TCP',
    ...flag,
    better: 'lower',
    source: 'RFC 1035 section 4.1.1, RFC 7766 section 5',
  },
  {
    id: 'cache_hit_pct',
    label: 'Cache hits',
    description:
      'Share of the non-recursive queries that were answered with records from the cache, of those that the resolver answered at all',
    kind: 'float',
    unit: 'pct',
    better: 'higher',
    aggregate: 'mean',
    source: 'counted by the probe; RD as in RFC 1035 section 4.1.1',
  },
] as const);
