import { connectFinding, decisiveOf, endpoint, explained, failureAt, silenceOf } from '../contract/network-error.ts';
import {
  type Absences,
  absentRest,
  type Finding,
  type Json,
  type MetricValues,
  type Outcome,
} from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason, Verdict } from '../contract/verdict.ts';
import { attemptsDetail, type ShownAttempt } from '../figures/attempts-detail.ts';
import type { TcpOptions } from './descriptor.ts';
import { tcpMetrics } from './metrics.ts';
import type { AttemptFailed, Connected, Echoed, TcpObservation } from './observation.ts';
import { stateFigures } from './state-figures.ts';

/** The outcome of a tcp run; for an interrupted run, from its observations so far. */
export function summarizeTcp(observations: readonly TcpObservation[], target: Target, options: TcpOptions): Outcome {
  const failures = observations.filter((seen) => seen.kind === 'attempt_failed');
  const connected = observations.find((seen) => seen.kind === 'connected');
  const echoed = observations.find((seen) => seen.kind === 'echoed');
  const port = target.port ?? 0;
  const detail = detailOf(failures, connected, port);
  if (connected === undefined) return notConnected(failures, target, options, detail);
  const finding = echoFinding(connected, echoed, port, options);
  const { metrics, absent } = measured(connected, echoed, options);
  const verdict = finding === undefined ? 'up' : verdictOf(finding);
  const byKernel = connected.connectBy === 'kernel' ? 1 : 0;
  const timed = 1 + (echoed?.echo.end === 'verified' ? 1 : 0);
  const echoDuring = echoed?.echo.end === 'verified' ? [echoed.echo.during] : [];
  return {
    verdict,
    ...(finding === undefined ? {} : { finding }),
    metrics,
    absent,
    stamps: { kernel: byKernel, process: timed - byKernel },
    timedDuring: { srtt_ms: [], rttvar_ms: [], connect_time_ms: connected.connectDuring, echo_rtt_ms: echoDuring },
    detail,
  };
}

function notConnected(
  failures: readonly AttemptFailed[],
  { host, port = 0 }: Target,
  options: TcpOptions,
  detail: Outcome['detail'],
): Outcome {
  const last = decisiveOf(failures);
  const cancelled: Finding = { cause: 'cancelled', side: 'agent', operation: `connect ${endpoint(host, port)}` };
  const finding = connectFinding(failures, port) ?? cancelled;
  const synRetransmits = last?.synRetransmits ?? null;
  const metrics: MetricValues = synRetransmits === null ? {} : { syn_retransmits: synRetransmits };
  const reason: AbsenceReason = finding.cause === 'timeout' ? 'timed_out' : 'run_failed';
  const absent = { ...absentRest(tcpMetrics, metrics, reason), ...(options.echo === 'none' ? NO_ECHO : {}) };
  return { verdict: verdictOf(finding), finding, metrics, absent, stamps: { kernel: 0, process: 0 }, detail };
}

const NO_ECHO: Absences = Object.freeze({ echo_rtt_ms: 'not_requested', payload_verified: 'not_requested' });

const verdictOf = ({ cause, side }: Finding): Verdict => {
  if (side === 'agent' || side === 'resolver') return 'unknown';
  return cause === 'payload_mismatch' ? 'degraded' : 'down';
};

function measured(
  connected: Connected,
  echoed: Echoed | undefined,
  options: TcpOptions,
): Pick<Outcome, 'metrics' | 'absent'> {
  const state = 'absent' in connected.state ? { metrics: {}, absent: {} } : stateFigures(connected.state);
  const metrics: MetricValues = {
    connect_time_ms: connected.connectMs,
    ...state.metrics,
    ...echoMetrics(echoed),
  };
  const noEcho: Absences = options.echo === 'none' ? NO_ECHO : echoAbsences(echoed, metrics);
  const noState: Absences = 'absent' in connected.state ? absentRest(tcpMetrics, metrics, connected.state.absent) : {};
  return { metrics, absent: { ...noState, ...state.absent, ...noEcho } };
}

function echoMetrics(echoed: Echoed | undefined): MetricValues {
  if (echoed?.echo.end === 'verified') return { echo_rtt_ms: echoed.echo.rttMs, payload_verified: true };
  return echoed?.echo.end === 'mismatch' ? { payload_verified: false } : {};
}

function echoAbsences(echoed: Echoed | undefined, metrics: MetricValues): Absences {
  const reason = echoed?.echo.end === 'timeout' ? 'timed_out' : 'run_failed';
  return absentRest([{ id: 'echo_rtt_ms' }, { id: 'payload_verified' }], metrics, reason);
}

function echoFinding(
  connected: Connected,
  echoed: Echoed | undefined,
  port: number,
  options: TcpOptions,
): Finding | undefined {
  if (options.echo === 'none') return undefined;
  const at = `echo ${endpoint(connected.address, port)}`;
  if (echoed === undefined) return { cause: 'cancelled', side: 'agent', operation: at };
  const operation = `${at}: ${echoed.echo.bytes} of ${echoed.sentBytes} bytes came back as sent`;
  switch (echoed.echo.end) {
    case 'verified':
      return undefined;
    case 'mismatch':
      return { cause: 'payload_mismatch', side: 'target', operation };
    case 'timeout':
      return { ...silenceOf(connected.address, true), operation };
    case 'closed':
      return { cause: 'closed_early', side: 'target', operation };
    case 'failed':
      return { ...failureAt(connected.address, echoed.echo.code), operation: explained(operation, echoed.echo.code) };
  }
}

function detailOf(
  failures: readonly AttemptFailed[],
  connected: Connected | undefined,
  port: number,
): Outcome['detail'] {
  const tried = failures.map(({ address, code }): Json => ({ address: endpoint(address, port), error: code }));
  return {
    ...(connected === undefined ? {} : { address: connected.address, family: connected.family }),
    ...(tried.length === 0 ? {} : { failed_attempts: tried }),
    ...attemptsDetail(attemptsOf(failures, connected), port),
  };
}

function attemptsOf(failures: readonly AttemptFailed[], connected: Connected | undefined): readonly ShownAttempt[] {
  const failed = failures.map(({ address, startedMs, afterMs, code }) => ({
    address,
    startedMs,
    tookMs: afterMs,
    code,
  }));
  if (connected === undefined) return failed;
  const { address, startedMs, connectMs } = connected;
  return [...failed, { address, startedMs, tookMs: connectMs }];
}
