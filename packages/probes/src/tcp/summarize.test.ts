import { describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { tcp } from './descriptor.ts';
import type { ConnectionState, EchoEnd, TcpObservation } from './observation.ts';
import { summarizeTcp } from './summarize.ts';

const TARGET = { text: 'x:7', host: 'x', port: 7 };
const STATE: ConnectionState = {
  synRetransmits: 1,
  mssBytes: 1448,
  pathMtuBytes: 1500,
  cwndSegments: 10,
  ssthreshSegments: 7,
  srttUs: 1234,
  rttvarUs: 617,
  sack: true,
  timestamps: false,
  windowScale: { send: 7, receive: 0 },
  ecn: true,
  congestionAlgorithm: 'cubic',
};
type Connected = Extract<TcpObservation, { kind: 'connected' }>;
const connected = (
  state: Connected['state'] = STATE,
  connectBy: Connected['connectBy'] = 'process',
): TcpObservation => ({
  kind: 'connected',
  address: '192.0.2.1',
  family: 4,
  connectMs: 1.5,
  connectBy,
  connectDuring: [],
  startedMs: 0,
  state,
});
const failed = (code: string, reporter: 'local' | 'network' = 'network', synRetransmits: number | null = null) =>
  ({
    kind: 'attempt_failed',
    address: '192.0.2.1',
    code,
    reporter,
    afterMs: 2,
    startedMs: 0,
    synRetransmits,
  }) satisfies TcpObservation;
const echoed = (echo: EchoEnd): TcpObservation => ({ kind: 'echoed', sentBytes: 50, echo });

function outcomeOf(observations: TcpObservation[], options: Record<string, unknown> = {}) {
  const outcome = summarizeTcp(observations, TARGET, tcp.options.parse(options));
  expect(faultsOf(tcp, outcome)).toEqual([]);
  return outcome;
}

describe('the outcome of a tcp run', () => {
  test('without any observation is unknown', () => {
    const { verdict, finding, metrics } = outcomeOf([]);
    expect([verdict, finding?.cause, metrics]).toEqual(['unknown', 'cancelled', {}]);
  });

  test('of a connection converts segments to bytes and microseconds to ms', () => {
    const { verdict, metrics, absent, stamps, detail } = outcomeOf([connected()]);
    expect(verdict).toBe('up');
    expect(metrics).toEqual({
      connect_time_ms: 1.5,
      syn_retransmits: 1,
      mss_bytes: 1448,
      path_mtu_bytes: 1500,
      cwnd_bytes: 14480,
      ssthresh_bytes: 10136,
      srtt_ms: 1.234,
      rttvar_ms: 0.617,
      sack: true,
      timestamps: false,
      window_scale_send: 7,
      window_scale_receive: 0,
      ecn_negotiated: true,
      congestion_algorithm: 'cubic',
    });
    expect(absent).toEqual({ echo_rtt_ms: 'not_requested', payload_verified: 'not_requested' });
    expect([stamps, detail]).toEqual([
      { kernel: 0, process: 1 },
      { address: '192.0.2.1', family: 4 },
    ]);
  });

  test('has no number for a value that the kernel does not know', () => {
    const { metrics, absent } = outcomeOf([
      connected({
        ...STATE,
        ssthreshSegments: { absent: 'not_applicable' },
        srttUs: { absent: 'not_applicable' },
        rttvarUs: { absent: 'not_applicable' },
        windowScale: { absent: 'not_offered_by_target' },
        ecn: { absent: 'not_requested' },
        congestionAlgorithm: { absent: 'not_supported' },
      }),
    ]);
    expect(absent).toMatchObject({
      ssthresh_bytes: 'not_applicable',
      srtt_ms: 'not_applicable',
      rttvar_ms: 'not_applicable',
      window_scale_send: 'not_offered_by_target',
      window_scale_receive: 'not_offered_by_target',
      ecn_negotiated: 'not_requested',
      congestion_algorithm: 'not_supported',
    });
    expect(metrics.cwnd_bytes).toBe(14480);
  });

  test.each([
    ['kernel', { kernel: 1, process: 0 }],
    ['process', { kernel: 0, process: 1 }],
  ] as const)('of a connection timed by the %s counts that stamp', (by, expected) => {
    const { metrics, stamps } = outcomeOf([connected(STATE, by)]);
    expect([metrics.connect_time_ms, stamps]).toEqual([1.5, expected]);
  });

  test('on a host without TCP_INFO still has its connect time', () => {
    const { verdict, metrics, absent } = outcomeOf([connected({ absent: 'not_supported' })]);
    expect([verdict, metrics]).toEqual(['up', { connect_time_ms: 1.5 }]);
    expect([absent.mss_bytes, absent.echo_rtt_ms]).toEqual(['not_supported', 'not_requested']);
  });

  test.each([
    ['ECONNREFUSED', 'network', 'down', 'refused', 'target'],
    ['ECONNRESET', 'network', 'down', 'reset', 'target'],
    ['timeout', 'network', 'down', 'timeout', 'path'],
    ['ETIMEDOUT', 'network', 'down', 'timeout', 'path'],
    ['EHOSTUNREACH', 'network', 'down', 'unreachable', 'path'],
    ['ENETUNREACH', 'local', 'unknown', 'local_network', 'agent'],
    ['EACCES', 'local', 'unknown', 'permission', 'agent'],
    ['EADDRNOTAVAIL', 'local', 'unknown', 'local_resource', 'agent'],
    ['ENEVERHEARDOF', 'network', 'unknown', 'internal', 'agent'],
  ] as const)('%s reported by %s is %s, %s', (code, reporter, verdict, cause, side) => {
    const outcome = outcomeOf([failed(code, reporter)]);
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual([verdict, cause, side]);
    expect(outcome.finding?.operation).toBe('connect 192.0.2.1:7');
  });

  test('of an unanswered SYN knows how often it was sent again', () => {
    const { metrics, absent } = outcomeOf([failed('timeout', 'network', 2)]);
    expect([metrics, absent.connect_time_ms]).toEqual([{ syn_retransmits: 2 }, 'timed_out']);
  });

  test('is up when a later address connects, and names the one that did not', () => {
    const { verdict, detail } = outcomeOf([failed('ECONNREFUSED'), connected()]);
    expect(verdict).toBe('up');
    expect(detail.failed_attempts).toEqual([{ address: '192.0.2.1:7', error: 'ECONNREFUSED' }]);
  });

  test.each([
    [{ end: 'mismatch', bytes: 3 }, 'degraded', 'payload_mismatch', false],
    [{ end: 'timeout', bytes: 0 }, 'down', 'timeout', undefined],
    [{ end: 'closed', bytes: 12 }, 'down', 'closed_early', undefined],
    [{ end: 'failed', bytes: 0, code: 'ECONNRESET' }, 'down', 'reset', undefined],
  ] as const)('of an echo that ended with %j is %s', (echo, verdict, cause, verified) => {
    const outcome = outcomeOf([connected(), echoed(echo)], { echo: 'lorem' });
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual([verdict, cause, 'target']);
    expect([outcome.metrics.payload_verified, outcome.metrics.echo_rtt_ms]).toEqual([verified, undefined]);
    expect(outcome.metrics.connect_time_ms).toBe(1.5);
  });

  test('of a verified echo has its round trip', () => {
    const echo = { end: 'verified', rttMs: 0.4, during: { fromMs: 2, toMs: 2.4 }, bytes: 50 } as const;
    const { verdict, metrics, stamps } = outcomeOf([connected(), echoed(echo)], { echo: 'text' });
    expect([verdict, metrics.echo_rtt_ms, metrics.payload_verified, stamps.process]).toEqual(['up', 0.4, true, 2]);
  });

  test('interrupted before the echo keeps its measurements so far', () => {
    const { verdict, finding, metrics } = outcomeOf([connected()], { echo: 'text' });
    expect([verdict, finding?.cause, metrics.connect_time_ms]).toEqual(['unknown', 'cancelled', 1.5]);
  });
});
