import type { MetricDescriptor } from '../contract/metric.ts';

const time = { kind: 'float', unit: 'ms', better: 'lower', aggregate: 'mean', timed: 'process' } as const;
const size = { kind: 'integer', unit: 'bytes', better: 'neither', aggregate: 'last' } as const;
const flag = { kind: 'boolean', unit: null, better: 'neither', aggregate: 'last' } as const;
const number = { kind: 'integer', unit: null, better: 'neither', aggregate: 'last' } as const;

/** All that a tcp run measures. The kernel's values are read once, right after the connection is established. */
export const tcpMetrics: readonly MetricDescriptor[] = Object.freeze([
  {
    id: 'connect_time_ms',
    label: 'Connect time',
    description:
      "From the departure of the SYN to the arrival of the SYN-ACK by the kernel's clock; where it has no such sample, from the connect call to the moment the process learns that the connection stands. No name resolution",
    ...time,
    sketch: true,
    headline: true,
    source: "TCP_INFO tcpi_rtt right after the handshake; else the process's monotonic clock around Node's connect",
  },
  {
    id: 'echo_rtt_ms',
    label: 'Echo round trip',
    description: 'From handing the text to the kernel to reading the last byte of its verified echo',
    ...time,
    sketch: true,
    source: 'monotonic clock of the process',
  },
  {
    id: 'payload_verified',
    label: 'Payload verified',
    description: 'Whether the text came back byte by byte as it was sent; absent when no whole answer came',
    ...flag,
    better: 'higher',
    source: 'comparison of the bytes sent and received',
  },
  {
    id: 'syn_retransmits',
    label: 'SYN retransmissions',
    description: 'SYNs that the kernel sent again before the connection stood, or before the timeout',
    ...number,
    better: 'lower',
    aggregate: 'sum',
    countsSilence: 'always',
    source: 'Linux tcp_info.tcpi_total_retrans at connect time',
  },
  {
    id: 'mss_bytes',
    label: 'Maximum segment size',
    description: 'Largest payload of a segment that this end sends, options already taken off',
    ...size,
    exact: true,
    source: 'Linux tcp_info.tcpi_snd_mss',
  },
  {
    id: 'path_mtu_bytes',
    label: 'Path MTU',
    description:
      "The path MTU that the kernel reckons with for this connection: the route's, or a smaller one once learnt",
    ...size,
    exact: true,
    source: 'Linux tcp_info.tcpi_pmtu',
  },
  {
    id: 'window_scale_send',
    label: 'Window scale, sending',
    description: 'Shift that the far end announced: it scales the window that limits what this end sends',
    ...number,
    source: 'Linux tcp_info.tcpi_snd_wscale; RFC 7323 section 2',
  },
  {
    id: 'window_scale_receive',
    label: 'Window scale, receiving',
    description: 'Shift that this end announced: it scales the window that limits what the far end sends',
    ...number,
    source: 'Linux tcp_info.tcpi_rcv_wscale; RFC 7323 section 2',
  },
  {
    id: 'cwnd_bytes',
    label: 'Congestion window',
    description: "The kernel's congestion window, kept in segments, times the maximum segment size",
    ...size,
    source: 'Linux tcp_info.tcpi_snd_cwnd x tcpi_snd_mss',
  },
  {
    id: 'ssthresh_bytes',
    label: 'Slow-start threshold',
    description: "The kernel's threshold, kept in segments, times the maximum segment size; absent while infinite",
    ...size,
    source: 'Linux tcp_info.tcpi_snd_ssthresh x tcpi_snd_mss',
  },
  {
    id: 'srtt_ms',
    label: 'Smoothed round trip',
    description: "The kernel's smoothed round trip; right after connecting it is that of SYN and SYN-ACK alone",
    ...time,
    timed: 'kernel',
    source: 'Linux tcp_info.tcpi_rtt; RFC 6298 section 2',
  },
  {
    id: 'rttvar_ms',
    label: 'Round-trip variation',
    description: "The kernel's mean deviation of the round trip; half of the first sample right after connecting",
    ...time,
    timed: 'kernel',
    source: 'Linux tcp_info.tcpi_rttvar; RFC 6298 section 2',
  },
  {
    id: 'ecn_negotiated',
    label: 'ECN negotiated',
    description: 'Whether both ends agreed on explicit congestion notification; absent unless this host asks for it',
    ...flag,
    source: 'Linux tcp_info.tcpi_options (ECN); RFC 3168 section 6.1.1',
  },
  {
    id: 'sack',
    label: 'Selective acknowledgements',
    description: 'Whether both ends agreed on selective acknowledgements',
    ...flag,
    source: 'Linux tcp_info.tcpi_options (SACK); RFC 2018',
  },
  {
    id: 'timestamps',
    label: 'TCP timestamps',
    description: 'Whether both ends agreed on the timestamps option',
    ...flag,
    source: 'Linux tcp_info.tcpi_options (timestamps); RFC 7323 section 3',
  },
  {
    id: 'congestion_algorithm',
    label: 'Congestion control',
    description: "Name of this end's congestion control for the connection",
    kind: 'text',
    unit: null,
    better: 'neither',
    aggregate: 'none',
    source: 'Linux getsockopt TCP_CONGESTION',
  },
] as const);
