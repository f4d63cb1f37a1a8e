import type { MetricDescriptor } from '../contract/metric.ts';

const time = { kind: 'float', unit: 'ms', better: 'lower', aggregate: 'mean', timed: 'process' } as const;
const size = { kind: 'integer', unit: 'bytes', better: 'neither', aggregate: 'mean' } as const;
const share = { kind: 'float', unit: 'pct', better: 'higher', aggregate: 'mean' } as const;
const socket = 'monotonic clock of the process at the events of the connection';

const phases: readonly MetricDescriptor[] = [
  {
    id: 'dns_time_ms',
    label: 'Name resolution',
    description: 'Time that the system’s resolver took, summed over the redirects; absent where the host is an address',
    ...time,
    source: 'monotonic clock of the process around the resolver',
  },
  {
    id: 'connect_time_ms',
    label: 'Connect time',
    description:
      'From the departure of the SYN to the arrival of the SYN-ACK by the kernel’s clock, summed over the redirects; where it has no such sample, from the connect call to the moment the process learns that the connection stands',
    ...time,
    source: 'TCP_INFO tcpi_rtt right after the handshake; else the monotonic clock of the process',
  },
  {
    id: 'tls_time_ms',
    label: 'TLS handshake',
    description: 'From the ClientHello to the end of the handshake on this side, summed over the redirects',
    ...time,
    source: socket,
  },
  {
    id: 'ttfb_ms',
    label: 'Time to first byte',
    description: 'From the start (resolution and redirects included) to the first byte of the final answer',
    ...time,
    sketch: true,
    headline: true,
    source: socket,
  },
  {
    id: 'download_time_ms',
    label: 'Download time',
    description: 'From the first byte of the final answer to its last',
    ...time,
    source: socket,
  },
  {
    id: 'total_time_ms',
    label: 'Total time',
    description: 'From the start to the last byte of the final answer: time to first byte and download time',
    ...time,
    sketch: true,
    headline: true,
    source: socket,
  },
];

const transfer: readonly MetricDescriptor[] = [
  {
    id: 'status',
    label: 'Status',
    description: 'Status code of the final answer',
    kind: 'integer',
    unit: null,
    better: 'neither',
    aggregate: 'none',
    source: 'RFC 9110 section 15',
    headline: true,
  },
  {
    id: 'redirects',
    label: 'Redirects',
    description: 'Redirects that the first request of the run was led through',
    kind: 'integer',
    unit: null,
    better: 'lower',
    aggregate: 'mean',
    source: 'RFC 9110 section 15.4',
  },
  {
    id: 'wire_bytes',
    label: 'Bytes on the wire',
    description: 'Bytes that the connections of the first request carried to this host: heads, bodies, redirects, TLS',
    ...size,
    source: 'counted by the kernel sockets (payload of TCP)',
  },
  {
    id: 'body_bytes',
    label: 'Body',
    description: 'Bytes of the final answer’s content once its encodings are undone',
    ...size,
    source: 'RFC 9110 section 6.4',
  },
  {
    id: 'compression_ratio',
    label: 'Compression',
    description: 'Size of the content by its size as it was transferred (2: half as many bytes were sent)',
    kind: 'float',
    unit: null,
    better: 'higher',
    aggregate: 'mean',
    source: 'RFC 9110 section 8.4 (Content-Encoding)',
  },
  {
    id: 'throughput_bps',
    label: 'Throughput',
    description: 'Rate of the bytes that came after the first read of the final answer, over the download time',
    kind: 'float',
    unit: 'bps',
    timed: 'process',
    better: 'higher',
    aggregate: 'mean',
    source: socket,
  },
];

const caching: readonly MetricDescriptor[] = [
  {
    id: 'connection_reuse_pct',
    label: 'Connection reuse',
    description: 'Share of the requests that went over a kept connection, of those to a server already connected to',
    ...share,
    timed: 'process',
    source: 'RFC 9112 section 9.3 (persistence)',
  },
  {
    id: 'cache_hit_pct',
    label: 'Cache hits',
    description: 'Share of the answers that say a cache gave them, of those that say anything about caches',
    ...share,
    source: 'RFC 9211 (Cache-Status), RFC 9111 section 5.1 (Age), vendors’ cache headers, 304 on revalidation',
  },
  {
    id: 'cdn_time_saved_pct',
    label: 'Time saved by the CDN',
    description: 'By how much the median wait for edge hits is below that for forced misses of the same run',
    ...share,
    signed: true,
    timed: 'process',
    source: socket,
  },
  {
    id: 'server_time_ms',
    label: 'Server time',
    description: 'The time that the target itself says it took for the final answer',
    ...time,
    timed: 'elsewhere',
    source: 'W3C Server Timing (header Server-Timing)',
  },
  {
    id: 'database_time_ms',
    label: 'Database time',
    description: 'The time that the target itself says its database took for the final answer',
    ...time,
    timed: 'elsewhere',
    source: 'W3C Server Timing (header Server-Timing)',
  },
  {
    id: 'certificate_days_left',
    label: 'Certificate',
    description: 'Days until the certificate of the final server ends; negative when it has',
    kind: 'float',
    unit: 'days',
    better: 'higher',
    aggregate: 'min',
    source: 'RFC 5280 section 4.1.2.5',
  },
];

const classes: readonly MetricDescriptor[] = (['2xx', '3xx', '4xx', '5xx'] as const).map((of) => ({
  id: `responses_${of}`,
  label: `Answers ${of}`,
  description: `Answers of the run with a status of the class ${of}, redirects and revalidations included`,
  kind: 'integer',
  unit: null,
  better: of === '2xx' ? 'higher' : of === '3xx' ? 'neither' : 'lower',
  aggregate: 'sum',
  countsSilence: 'if_zero',
  source: 'RFC 9110 section 15',
}));

const texts: readonly MetricDescriptor[] = [
  {
    id: 'protocol',
    label: 'Protocol',
    description: 'Protocol version of the final answer',
    source: 'RFC 9112 section 2.3',
  },
  {
    id: 'cdn',
    label: 'CDN',
    description: 'Content delivery network that the final answer’s headers name',
    source: 'headers of the vendors, see the probe’s README',
  },
].map((text) => ({ ...text, kind: 'text', unit: null, better: 'neither', aggregate: 'none' }) as const);

/** All that an http run measures. */
export const httpMetrics: readonly MetricDescriptor[] = Object.freeze([
  ...phases,
  ...transfer,
  ...caching,
  ...classes,
  ...texts,
]);
