import { distributionOf, interarrivalJitter, lossPct, meanAbsoluteIpdv, voiceQuality } from '@netsonde/metrics';
import type { RunRecord } from '@netsonde/protocol';

/** Seeded random numbers, 0 <= x < 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ten different RTTs in whole nanoseconds around 20 ms, with a deviation of about 1 ms (normal). */
function variedRtts(random: () => number): number[] {
  return Array.from({ length: 10 }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(1, Math.round((20 + normal) * 1e6)) / 1e6;
  });
}

/** A result as the icmp probe's agent sends it. The same functions compute all its metrics from varied RTTs. */
export function makeIcmpRecord(
  seq: number,
  check: number,
  target: number,
  at: number,
  random: () => number,
): RunRecord {
  const rtts = variedRtts(random);
  const of = distributionOf(rtts);
  if (of === undefined) throw new Error('ten round trips have a distribution');
  const rating = voiceQuality(
    { rttMs: rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length, lossPct: 0 },
    { codec: 'g711_plc', jitterBufferMs: 40 },
  );
  return {
    t: 'run',
    seq,
    check,
    target,
    at,
    late: Math.round(random() * 4000) / 1000,
    took: Math.round(1_830_000 + random() * 20_000) / 1000,
    verdict: 'up',
    metrics: {
      sent: 10,
      received: 10,
      duplicates: 0,
      late: 0,
      reordered: 0,
      loss_pct: lossPct(10, 10) ?? 0,
      rtt_min_ms: of.min,
      rtt_avg_ms: of.avg,
      rtt_median_ms: of.median,
      rtt_p95_ms: of.p95,
      rtt_max_ms: of.max,
      rtt_stddev_ms: of.stddev ?? 0,
      jitter_ms: interarrivalJitter(rtts) ?? 0,
      ipdv_ms: meanAbsoluteIpdv(rtts) ?? 0,
      r_factor: rating.r,
      mos: rating.mos,
      reply_ttl: 57,
      error_bound_ms: Math.round(3000 + random() * 500) / 1e6,
    },
    absent: {},
    samples: { rtts_ms: rtts },
    stamps: { kernel: 10, process: 0 },
    detail: {
      address: `10.${(target >> 16) & 255}.${(target >> 8) & 255}.${target & 255}`,
      voice: { codec: 'g711_plc', jitter_buffer_ms: 40, one_way_delay: 'half the average round trip' },
    },
  };
}
