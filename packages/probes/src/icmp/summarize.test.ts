import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { icmp } from './descriptor.ts';
import type { Train } from './observation.ts';
import { summarize } from './summarize.ts';

const options = icmp.options.parse({});
const target = { text: 'host.test', host: 'host.test' };
const NO_NUMBER = Number.NaN;

/** A train with these round trips in ms; null: lost. */
function train(rttsMs: readonly (number | null)[], more: Partial<Train> = {}): Train {
  const received = rttsMs.filter((rtt) => rtt !== null).length;
  return {
    kind: 'train',
    address: '192.0.2.1',
    rttsNs: Float64Array.from(rttsMs, (rtt) => (rtt === null ? NO_NUMBER : rtt * 1e6)),
    sent: rttsMs.length,
    received,
    duplicates: 0,
    late: 0,
    reordered: 0,
    truncated: 0,
    corrupted: 0,
    icmpErrors: 0,
    kernelStamped: received,
    processStamped: 0,
    localDrops: 0,
    lateSends: 0,
    ...(received > 0 ? { replyTtl: 64, errorBoundNs: 12_000 } : {}),
    ...more,
  };
}

const outcomeOf = (...args: Parameters<typeof train>) => {
  const outcome = summarize([train(...args)], target, options);
  expect(faultsOf(icmp, outcome)).toEqual([]);
  return outcome;
};

describe('summarize', () => {
  it('works the figures of four answers out as by hand', () => {
    // Differences 2, 4, 2. J: 0+2/16=0.125; +(4-0.125)/16=0.3671875; +(2-0.3671875)/16=0.46923828125
    const { verdict, metrics, samples } = outcomeOf([10, 12, 8, 10]);
    expect(verdict).toBe('up');
    expect(metrics).toMatchObject({
      sent: 4,
      received: 4,
      loss_pct: 0,
      rtt_min_ms: 8,
      rtt_avg_ms: 10,
      rtt_median_ms: 10,
      rtt_max_ms: 12,
    });
    expect(metrics.jitter_ms).toBeCloseTo(0.46923828125, 12);
    expect(metrics.ipdv_ms).toBeCloseTo(8 / 3, 12);
    expect(metrics.reply_ttl).toBe(64);
    expect(metrics.error_bound_ms).toBe(0.012);
    expect(samples).toEqual({ rtts_ms: [10, 12, 8, 10] });
  });

  it('computes jitter in order of arrival: an overtaken answer counts after the later one', () => {
    // Sent every 200 ms: arrivals at 500, 210, 410 -> transits 10, 10, 500: J = 0 + 490/16.
    const { metrics } = outcomeOf([500, 10, 10], { reordered: 1 });
    expect(metrics.jitter_ms).toBeCloseTo(490 / 16, 9);
  });

  it('has no jitter where the order of arrival cannot be known', () => {
    const burst = icmp.options.parse({ intervalSeconds: 0 });
    const { absent } = summarize([train([10, 5, 20], { reordered: 1 })], target, burst);
    expect(absent.jitter_ms).toBe('not_supported');
    // Nothing reordered: the order of sending. |5-10|/16 = 0.3125; + (15 - 0.3125)/16 = 1.23046875
    expect(summarize([train([10, 5, 20])], target, burst).metrics.jitter_ms).toBeCloseTo(1.23046875, 12);
  });

  it('calls some loss degraded, and leaves the lost out of the round trips', () => {
    const { verdict, finding, metrics } = outcomeOf([10, null, 10, null]);
    expect(verdict).toBe('degraded');
    expect(finding).toMatchObject({ cause: 'loss', side: 'path' });
    expect(metrics).toMatchObject({ loss_pct: 50, rtt_avg_ms: 10 });
  });

  it('counts a flawed answer as received, and is degraded', () => {
    const cut = outcomeOf([10, 10], { truncated: 2 });
    expect([cut.verdict, cut.finding?.cause, cut.finding?.side]).toEqual(['degraded', 'payload_truncated', 'target']);
    expect(cut.metrics).toMatchObject({ received: 2, truncated: 2, corrupted: 0, loss_pct: 0, rtt_avg_ms: 10 });
    const damaged = outcomeOf([10, 10], { truncated: 2, corrupted: 1 });
    expect([damaged.verdict, damaged.finding?.cause]).toEqual(['degraded', 'payload_mismatch']);
    const lossy = outcomeOf([10, null], { truncated: 1 });
    expect([lossy.verdict, lossy.finding?.cause]).toEqual(['degraded', 'loss']);
  });

  it('does not know of flaws where nothing compares the answers', () => {
    const { truncated: _, corrupted: __, ...system } = train([10, 12]);
    const { verdict, absent } = summarize([system], target, options);
    expect([verdict, absent.truncated, absent.corrupted]).toEqual(['up', 'not_supported', 'not_supported']);
  });

  it('has no round trip, no jitter and no rating where all was lost', () => {
    const { verdict, finding, metrics, absent } = outcomeOf([null, null]);
    expect(verdict).toBe('down');
    expect(finding?.cause).toBe('timeout');
    expect(metrics).toMatchObject({ sent: 2, received: 0, loss_pct: 100 });
    expect(absent).toMatchObject({
      rtt_avg_ms: 'no_responder',
      jitter_ms: 'no_responder',
      mos: 'no_responder',
      reply_ttl: 'no_responder',
    });
  });

  it('has no variation with a single answer', () => {
    const { absent } = outcomeOf([10]);
    expect(absent).toMatchObject({
      jitter_ms: 'not_applicable',
      ipdv_ms: 'not_applicable',
      rtt_stddev_ms: 'not_applicable',
    });
  });

  it('never blames the target for what this host did', () => {
    const refused = outcomeOf([], { error: { kind: 'permission', call: 'socket', message: 'not permitted' } });
    expect([refused.verdict, refused.finding?.side]).toEqual(['unknown', 'agent']);
    expect(refused.absent).toMatchObject({ loss_pct: 'run_failed', rtt_avg_ms: 'not_permitted', mos: 'not_permitted' });
    const routeless = outcomeOf([null], {
      sent: 0,
      error: { kind: 'unreachable', call: 'sendmmsg', message: 'no route' },
    });
    expect([routeless.verdict, routeless.finding?.cause, routeless.finding?.side]).toEqual([
      'unknown',
      'local_network',
      'agent',
    ]);
    const cut = outcomeOf([10, null], { error: { kind: 'cancelled', call: 'train', message: 'cancelled' } });
    expect([cut.verdict, cut.finding?.cause, cut.absent.loss_pct]).toEqual(['unknown', 'cancelled', 'run_failed']);
    const dropped = outcomeOf([10, null], { localDrops: 1 });
    expect([dropped.verdict, dropped.finding?.cause]).toEqual(['unknown', 'local_resource']);
  });

  it('names the router that reported unreachable', () => {
    const error = { kind: 'unreachable', call: 'icmp', message: 'host unreachable', offender: '192.0.2.254' } as const;
    const { verdict, finding, detail } = outcomeOf([null], { error, icmpErrors: 1 });
    expect([verdict, finding?.cause, finding?.side]).toEqual(['down', 'unreachable', 'path']);
    expect(detail.offender).toBe('192.0.2.254');
  });

  it('measures or explains every metric, whatever was answered', () => {
    const rtt = fc.option(fc.double({ min: 0.001, max: 5000, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(fc.array(rtt, { minLength: 1, maxLength: 40 }), (rtts) => {
        const outcome = summarize([train(rtts)], target, options);
        expect(faultsOf(icmp, outcome)).toEqual([]);
        if (typeof outcome.metrics.mos === 'number') expect(outcome.metrics.mos).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
