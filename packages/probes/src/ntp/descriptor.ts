import { z } from 'zod';
import { countField, familyField, intervalField, RESOLVE_SECONDS, timeoutField } from '../contract/common-options.ts';
import { declareProbe, type OptionsOf } from '../contract/descriptor.ts';
import type { MetricDescriptor } from '../contract/metric.ts';

const options = z.strictObject({
  count: countField(4, 32, 'Requests of one run; the answer with the shortest delay counts'),
  intervalSeconds: intervalField(
    0.5,
    0.05,
    'From one request to the next; public servers refuse clients that ask fast',
  ),
  timeoutSeconds: timeoutField(2, 'Longest wait for the answer to one request'),
  family: familyField(),
});

const time = { kind: 'float', unit: 'ms', better: 'lower', aggregate: 'mean', timed: 'kernel' } as const;
const code = { kind: 'integer', unit: null, better: 'neither', aggregate: 'last' } as const;

const metrics: readonly MetricDescriptor[] = [
  {
    id: 'offset_ms',
    label: 'Clock offset',
    description:
      'The server’s clock minus this host’s, by the exchange with the shortest delay; positive: the server is ahead',
    ...time,
    signed: true,
    better: 'neither',
    headline: true,
    source: 'RFC 5905 section 8: ((T2 - T1) + (T3 - T4)) / 2',
  },
  {
    id: 'offset_bound_ms',
    label: 'Bound of the offset',
    description:
      'The farthest that the offset can be off: half the delay, since the path may be slower in one direction, the server’s precision, and what clocks drift during the exchange',
    ...time,
    source:
      'half of the delay: follows from the two formulas of RFC 5905 section 8; precision: section 7.3; drift: 500 ppm each clock',
    derivedFrom: ['delay_ms'],
  },
  {
    id: 'delay_ms',
    label: 'Delay',
    description: 'Round trip without the server’s own time, of that exchange',
    ...time,
    signed: true,
    headline: true,
    sketch: true,
    source: 'RFC 5905 section 8: (T4 - T1) - (T3 - T2)',
  },
  {
    id: 'stratum',
    label: 'Stratum',
    description: 'Steps from a reference clock, as the server says: 1 has its own',
    ...code,
    source: 'RFC 5905 section 7.3',
  },
  {
    id: 'root_delay_ms',
    label: 'Root delay',
    description: 'Round trip from the server to its reference clock, as it says',
    ...time,
    timed: 'elsewhere',
    source: 'RFC 5905 section 7.3',
  },
  {
    id: 'root_dispersion_ms',
    label: 'Root dispersion',
    description: 'Greatest error of the server to its reference clock, as it says',
    ...time,
    timed: 'elsewhere',
    source: 'RFC 5905 section 7.3',
  },
  {
    id: 'leap',
    label: 'Leap indicator',
    description: '0 none, 1 last minute has 61 s, 2 it has 59 s, 3 not synchronised',
    ...code,
    source: 'RFC 5905 section 7.3',
  },
  {
    id: 'sent',
    label: 'Sent',
    description: 'Requests that the kernel took for sending',
    ...code,
    aggregate: 'sum',
    source: 'counted by the probe',
  },
  {
    id: 'received',
    label: 'Received',
    description: 'Requests that a valid answer came to in time',
    ...code,
    better: 'higher',
    aggregate: 'sum',
    countsSilence: 'always',
    source: 'counted by the probe',
  },
];

/** NTPv4 client exchanges, timed by the kernel. */
export const ntp = declareProbe({
  id: 'ntp',
  label: 'NTP',
  summary: 'Clock offset and delay of a time server, and what it says of itself',
  target: { form: 'host[:port]', defaultPort: 123 },
  options,
  metrics,
  samples: [
    {
      id: 'offsets_ms',
      label: 'Offsets',
      description: 'Offset of each exchange in order of sending; null where none came back',
      unit: 'ms',
      signed: true,
      timed: 'kernel',
    },
    {
      id: 'delays_ms',
      label: 'Delays',
      description: 'Delay of each exchange in order of sending; null where none came back',
      unit: 'ms',
      signed: true,
      timed: 'kernel',
    },
  ],
  instance: null,
  needs: [],
  cost: ({ count, intervalSeconds, timeoutSeconds }) => ({
    packets: count,
    bytes: 2 * count * 76,
    // One at a time: the next waits for the answer to the one before, or for its timeout.
    seconds: (count - 1) * Math.max(intervalSeconds, timeoutSeconds) + timeoutSeconds + RESOLVE_SECONDS,
    leastSeconds: (count - 1) * intervalSeconds,
    resolvingSeconds: RESOLVE_SECONDS,
  }),
});

export type NtpOptions = OptionsOf<typeof ntp>;
