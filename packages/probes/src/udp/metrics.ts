import type { MetricDescriptor } from '../contract/metric.ts';
import { packetMetrics } from '../figures/packet-metrics.ts';
import { rttMetrics } from '../figures/rtt-metrics.ts';

const EVENTS =
  "from the datagram's departure to its verified echo's arrival, both by the kernel's stamps, or by the clock of the " +
  'process where those are missing';

/** All that a udp run measures. */
export const udpMetrics: readonly MetricDescriptor[] = Object.freeze([
  ...packetMetrics,
  ...rttMetrics(EVENTS),
  {
    id: 'port_open',
    label: 'Port open',
    description:
      'True when a datagram came from the port, false when its host says that the port is unreachable, absent on silence',
    kind: 'boolean',
    unit: null,
    better: 'higher',
    aggregate: 'last',
    source: 'answers; ICMP destination unreachable, port unreachable (RFC 792; RFC 4443 section 3.1)',
  },
]);
