import type { MetricDescriptor } from '../contract/metric.ts';

const time = { kind: 'float', unit: 'ms', better: 'lower', aggregate: 'mean', timed: 'process' } as const;
const days = { kind: 'float', unit: 'days', better: 'higher', aggregate: 'min' } as const;
const flag = { kind: 'boolean', unit: null, better: 'higher', aggregate: 'last' } as const;
const text = { kind: 'text', unit: null, better: 'neither', aggregate: 'none' } as const;

/** All that a tls run measures. */
export const tlsMetrics: readonly MetricDescriptor[] = Object.freeze([
  {
    id: 'connect_time_ms',
    label: 'Connect time',
    description:
      'From the departure of the SYN to the arrival of the SYN-ACK by the kernel’s clock; where it has no such sample, from the connect call to the moment the process learns that the connection stands. No name resolution',
    ...time,
    source: 'TCP_INFO tcpi_rtt right after the handshake; else the monotonic clock of the process',
  },
  {
    id: 'handshake_time_ms',
    label: 'Handshake',
    description:
      'From the ClientHello to the end of the handshake on this side, OpenSSL’s own look at the chain included',
    ...time,
    sketch: true,
    headline: true,
    source: 'monotonic clock of the process at the events of the connection',
  },
  {
    id: 'validation_time_ms',
    label: 'Chain check',
    description: 'Time that one check of the chain took this host: issuers, signatures and dates up to a trusted root',
    ...time,
    source: 'monotonic clock of the process around a check apart from the handshake',
  },
  {
    id: 'days_left',
    label: 'Certificate',
    description: 'Days until the server’s certificate ends; negative when it has',
    ...days,
    headline: true,
    source: 'RFC 5280 section 4.1.2.5',
  },
  {
    id: 'chain_days_left',
    label: 'Chain',
    description: 'Days until the first certificate ends of those from the server’s to the root that it leads to',
    ...days,
    source: 'RFC 5280 section 4.1.2.5',
  },
  {
    id: 'chain_valid',
    label: 'Chain valid',
    description: 'Whether the chain leads to a trusted root and each certificate of it holds now, as OpenSSL sees it',
    ...flag,
    source: 'RFC 5280 section 6',
  },
  {
    id: 'name_matches',
    label: 'Name matches',
    description: 'Whether the server’s certificate is for the name (or address) that was asked for',
    ...flag,
    source: 'RFC 9525 sections 1.3 and 6.3',
  },
  {
    id: 'ocsp_stapled',
    label: 'OCSP stapled',
    description: 'Whether the server sent an OCSP response along with its certificate; what it says is not judged',
    ...flag,
    source: 'RFC 6066 section 8',
  },
  {
    id: 'protocol',
    label: 'Protocol',
    description: 'Protocol version agreed on',
    ...text,
    source: 'RFC 8446 section 4.2.1',
  },
  {
    id: 'cipher',
    label: 'Cipher',
    description: 'Cipher suite agreed on, by its IANA name',
    ...text,
    source: 'RFC 8446 appendix B.4',
  },
  {
    id: 'key_type',
    label: 'Key',
    description: 'Kind and size or curve of the key in the server’s certificate, such as "RSA 2048" or "EC prime256v1"',
    ...text,
    source: 'RFC 5280 section 4.1.2.7',
  },
]);
