import { CODEC_IDS, CODECS } from '@netsonde/metrics';
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
import type { MetricDescriptor } from '../contract/metric.ts';
import { packetMetrics } from '../figures/packet-metrics.ts';
import { rttMetrics } from '../figures/rtt-metrics.ts';

const codecs = CODEC_IDS.map((id) => `${id}: ${CODECS[id].label}`).join('; ');

const options = z.strictObject({
  count: countField(10, 10_000, 'Echo requests of one run'),
  intervalSeconds: intervalField(0.2, 0, 'From one echo request to the next; 0 sends all of them in one burst'),
  timeoutSeconds: timeoutField(2, 'An answer after this time counts as lost'),
  sizeBytes: z
    .int()
    .min(0)
    .max(65_000)
    .default(56)
    .meta({ label: 'Payload', description: 'ICMP payload, headers not counted', unit: 'bytes', flag: 'size' }),
  family: familyField(),
  dscp: dscpField(),
  codec: z
    .enum(CODEC_IDS as [(typeof CODEC_IDS)[number], ...(typeof CODEC_IDS)[number][]])
    .default('g711_plc')
    .meta({
      label: 'Codec',
      description: `Voice codec that R-factor and MOS are worked out for (${codecs})`,
      advanced: true,
    }),
  jitterBufferMs: z.number().min(0).max(1000).default(40).meta({
    label: 'Jitter buffer',
    description: 'Nominal delay of the receiver’s jitter buffer, added to the delay for R-factor and MOS',
    unit: 'ms',
    flag: 'jitter-buffer',
    advanced: true,
  }),
});

const voice = {
  derivedFrom: ['rtt_avg_ms', 'loss_pct'],
  timed: 'kernel',
  kind: 'float',
  unit: null,
  better: 'higher',
  aggregate: 'mean',
  countsSilence: 'always',
} as const;

const variationAndVoice: readonly MetricDescriptor[] = [
  {
    id: 'jitter_ms',
    label: 'Jitter',
    description: 'Smoothed interarrival jitter at the end of the run, from round trips, in order of arrival',
    kind: 'float',
    unit: 'ms',
    timed: 'kernel',
    better: 'lower',
    aggregate: 'mean',
    source: 'RFC 3550 section 6.4.1 and appendix A.8',
    headline: true,
  },
  {
    id: 'ipdv_ms',
    label: 'Delay variation',
    description: 'Mean absolute difference of the round trips of consecutive packets that were both answered',
    kind: 'float',
    unit: 'ms',
    timed: 'kernel',
    better: 'lower',
    aggregate: 'mean',
    source: 'RFC 3393 section 4.5 (of the round trip)',
  },
  {
    id: 'r_factor',
    label: 'R-factor',
    description:
      'Rating of a voice call over this path with the codec and jitter buffer given, half the round trip taken as delay',
    source: 'ITU-T G.107',
    ...voice,
  },
  {
    id: 'mos',
    label: 'MOS',
    description: 'Mean opinion score, 1 to 4.5, that the R-factor stands for',
    source: 'ITU-T G.107 Annex B',
    headline: true,
    ...voice,
    derivedFrom: ['r_factor'],
  },
  {
    id: 'reply_ttl',
    label: 'TTL of the answer',
    description: 'Time to live or hop limit of the last answer, as it arrived',
    kind: 'integer',
    unit: null,
    better: 'neither',
    aggregate: 'last',
    source: 'RFC 791 section 3.1; RFC 8200 section 3',
  },
  {
    id: 'error_bound_ms',
    label: 'Error bound',
    description:
      'How far the round trips of this run are from the wire at most, interrupts between stamp and wire aside',
    kind: 'float',
    unit: 'ms',
    timed: 'elsewhere',
    better: 'lower',
    aggregate: 'max',
    source: 'measured on this host when the engine opened, and the clock’s largest slew',
  },
];

/** ICMP echo over IPv4 or IPv6, timed by the kernel on both sides. */
export const icmp = declareProbe({
  id: 'icmp',
  label: 'Ping',
  summary: 'Round trips, loss, jitter and voice quality by ICMP echo',
  target: { form: 'host' },
  options,
  metrics: [
    ...packetMetrics,
    ...rttMetrics('from the kernel’s stamp of the echo request to its stamp of the reply'),
    ...variationAndVoice,
  ],
  samples: [
    {
      id: 'rtts_ms',
      label: 'Round trips',
      description: 'Each round trip in order of sending; null where it was lost',
      unit: 'ms',
      timed: 'kernel',
    },
  ],
  instance: null,
  needs: [['icmp4', 'icmp6', 'system_ping']],
  cost: ({ count, intervalSeconds, timeoutSeconds, sizeBytes }) => ({
    packets: count,
    bytes: 2 * count * (sizeBytes + 28),
    seconds: (count - 1) * intervalSeconds + timeoutSeconds + RESOLVE_SECONDS,
    leastSeconds: (count - 1) * intervalSeconds,
    resolvingSeconds: RESOLVE_SECONDS,
  }),
});

export type IcmpOptions = OptionsOf<typeof icmp>;
