import { z } from 'zod';
import {
  countField,
  dscpField,
  familyField,
  intervalField,
  RESOLVE_SECONDS,
  timeoutField,
} from '../contract/common-options.ts';
import { declareProbe, type OptionsOf } from '../contract/descriptor.ts';
import { udpMetrics } from './metrics.ts';
import { HEADER_BYTES } from './payload.ts';

/** IPv6 and UDP headers. */
const HEADERS = 48;

const options = z.strictObject({
  count: countField(5, 1000, 'Datagrams to send'),
  intervalSeconds: intervalField(0.2, 0.001, 'Time from one datagram to the next'),
  timeoutSeconds: timeoutField(2, 'Longest wait for the answer to a datagram'),
  sizeBytes: z.int().min(HEADER_BYTES).max(65507).default(64).meta({
    label: 'Size',
    description: 'Payload of each datagram, headers not counted',
    unit: 'bytes',
    flag: 'size',
  }),
  family: familyField(),
  dscp: dscpField(),
});

/** Sends datagrams to a UDP echo service and verifies the echoes. */
export const udp = declareProbe({
  id: 'udp',
  label: 'UDP echo',
  summary: 'Sends datagrams to a UDP echo service and verifies each answer; tells a closed port from silence',
  target: { form: 'host:port' },
  options,
  metrics: udpMetrics,
  samples: [
    {
      id: 'rtts_ms',
      label: 'Round trips',
      description: 'Round trip of each datagram in sending order; null: no verified answer within the timeout',
      unit: 'ms',
      timed: 'kernel',
    },
  ],
  instance: null,
  needs: [],
  cost: ({ count, intervalSeconds, timeoutSeconds, sizeBytes }) => ({
    packets: count * Math.ceil((sizeBytes + HEADERS) / 1280),
    bytes: 2 * count * (sizeBytes + HEADERS * Math.ceil((sizeBytes + HEADERS) / 1280)),
    seconds: RESOLVE_SECONDS + (count - 1) * intervalSeconds + timeoutSeconds + 1,
    leastSeconds: (count - 1) * intervalSeconds,
    resolvingSeconds: RESOLVE_SECONDS,
  }),
});

export type UdpOptions = OptionsOf<typeof udp>;
