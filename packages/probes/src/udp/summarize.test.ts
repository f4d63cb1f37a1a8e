import { describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { udp } from './descriptor.ts';
import type { UdpObservation } from './observation.ts';
import { summarizeUdp } from './summarize.ts';

const TARGET = { text: 'x:7', host: 'x', port: 7 };
const options = udp.options.parse({ timeoutSeconds: 1 });
const at: UdpObservation = { kind: 'target', address: '192.0.2.1', family: 4 };
const sent = (sequence: number): UdpObservation => ({ kind: 'sent', sequence });
const answered = (sequence: number, rttMs: number, arrival: number, stamps: 'kernel' | 'process' = 'kernel') =>
  ({ kind: 'answered', sequence, rttMs, stamps, arrival }) satisfies UdpObservation;

function outcomeOf(...observations: UdpObservation[]) {
  const outcome = summarizeUdp(observations, TARGET, options);
  expect(faultsOf(udp, outcome)).toEqual([]);
  return outcome;
}

describe('the outcome of a udp run', () => {
  test('without any observation is unknown and measures no loss', () => {
    const { verdict, finding, metrics, absent } = outcomeOf();
    expect([verdict, finding?.cause, metrics.sent, absent.loss_pct]).toEqual(['unknown', 'cancelled', 0, 'run_failed']);
    expect(absent.port_open).toBe('run_failed');
  });

  test('of one answer has an RTT and no deviation', () => {
    const { verdict, metrics, absent, stamps } = outcomeOf(at, sent(0), answered(0, 4, 0));
    expect(verdict).toBe('up');
    expect(metrics).toMatchObject({ sent: 1, received: 1, loss_pct: 0, rtt_median_ms: 4, port_open: true });
    expect(absent).toEqual({ rtt_stddev_ms: 'not_applicable' });
    expect(stamps).toEqual({ kernel: 1, process: 0 });
  });

  test('by a stalled process reports no loss where no answer arrived in time', () => {
    const late = outcomeOf(at, sent(0), answered(0, 1800, 0, 'process'), { kind: 'stalled' });
    expect([late.verdict, late.finding?.cause, late.finding?.side]).toEqual(['unknown', 'local_resource', 'agent']);
    expect([late.metrics.loss_pct, late.absent.loss_pct]).toEqual([undefined, 'run_failed']);
    const { verdict, metrics } = outcomeOf(at, sent(0), sent(1), answered(0, 4, 0), { kind: 'stalled' });
    expect([verdict, metrics.loss_pct]).toEqual(['degraded', 50]);
  });

  test('counts loss, copies, late and reordered answers apart', () => {
    const { verdict, finding, metrics, samples, stamps } = outcomeOf(
      at,
      ...[0, 1, 2, 3, 4].map(sent),
      answered(1, 3, 0, 'process'),
      answered(0, 5, 1),
      { kind: 'duplicate', sequence: 0 },
      answered(4, 1, 2),
      answered(3, 1000.1, 3),
    );
    expect([verdict, finding?.cause]).toEqual(['degraded', 'loss']);
    expect(metrics).toMatchObject({ sent: 5, received: 3, duplicates: 1, late: 1, reordered: 1, loss_pct: 40 });
    expect(samples).toEqual({ rtts_ms: [5, 3, null, null, 1] });
    expect(stamps).toEqual({ kernel: 2, process: 1 });
  });

  test('uses the order of arrival, not the order in which the answers were read', () => {
    const late = outcomeOf(at, sent(0), sent(1), sent(2), answered(1, 2, 1), answered(0, 3, 2), answered(2, 1, 0));
    expect(late.metrics.reordered).toBe(2);
    const inOrder = outcomeOf(at, sent(0), sent(1), answered(1, 2, 1), answered(0, 2, 0));
    expect(inOrder.metrics.reordered).toBe(0);
  });

  test('that was stopped leaves out datagrams in flight', () => {
    const { verdict, finding, metrics, samples } = outcomeOf(at, sent(0), sent(1), answered(0, 2, 0), {
      kind: 'stopped',
      undecided: [1],
    });
    expect([verdict, finding?.cause]).toEqual(['unknown', 'cancelled']);
    expect([metrics.sent, metrics.received, metrics.loss_pct, samples?.rtts_ms]).toEqual([1, 1, 0, [2]]);
  });

  test('of silence is a timeout, without a statement on the port', () => {
    const { verdict, finding, metrics, absent } = outcomeOf(at, sent(0), sent(1));
    expect([verdict, finding?.cause]).toEqual(['down', 'timeout']);
    expect([metrics.loss_pct, absent.port_open, absent.rtt_avg_ms]).toEqual([100, 'no_responder', 'timed_out']);
  });

  test('of a closed port is a refusal', () => {
    const refusal: UdpObservation = { kind: 'error', code: 'ECONNREFUSED', reporter: 'network', from: '192.0.2.1' };
    const { verdict, finding, metrics } = outcomeOf(at, sent(0), refusal);
    expect([verdict, finding?.cause, finding?.side, metrics.port_open]).toEqual(['down', 'refused', 'target', false]);
    expect(finding?.operation).toContain('192.0.2.1:7');
  });

  test('of an unreachable host blames the path, of a missing route the agent', () => {
    const far = outcomeOf(at, sent(0), { kind: 'error', code: 'EHOSTUNREACH', reporter: 'network', from: '192.0.2.9' });
    expect([far.verdict, far.finding?.side, far.absent.port_open]).toEqual(['down', 'path', 'no_responder']);
    const near = outcomeOf(at, { kind: 'not_sent', sequence: 0, code: 'ENETUNREACH' });
    expect([near.verdict, near.finding?.cause, near.metrics.sent]).toEqual(['unknown', 'local_network', 0]);
  });

  test('of flawed answers is degraded, and names the weightiest flaw', () => {
    const cut = { ...answered(0, 1, 0), truncated: true };
    const damaged = { ...answered(1, 1, 1), corrupted: true };
    const short = outcomeOf(at, sent(0), cut);
    expect([short.verdict, short.finding?.cause]).toEqual(['degraded', 'payload_truncated']);
    expect(short.metrics).toMatchObject({ received: 1, truncated: 1, corrupted: 0, loss_pct: 0, rtt_avg_ms: 1 });
    const lossy = outcomeOf(at, sent(0), sent(1), cut);
    expect([lossy.verdict, lossy.finding?.cause]).toEqual(['degraded', 'loss']);
    const worst = outcomeOf(at, sent(0), sent(1), sent(2), cut, damaged);
    expect([worst.verdict, worst.finding?.cause]).toEqual(['degraded', 'payload_mismatch']);
  });

  test('of datagrams that are not ours is degraded, and the sent ones count as lost', () => {
    const { verdict, finding, metrics } = outcomeOf(at, sent(0), { kind: 'mismatch', bytes: 40 });
    expect([verdict, finding?.cause, metrics.loss_pct, metrics.port_open]).toEqual([
      'degraded',
      'payload_mismatch',
      100,
      true,
    ]);
  });
});
