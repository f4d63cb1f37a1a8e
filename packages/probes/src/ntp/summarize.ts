import { explained, faultOf } from '../contract/network-error.ts';
import { absentRest, type Finding, type MetricValues, type Outcome } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import { type NtpOptions, ntp } from './descriptor.ts';
import type { NtpObservation } from './observation.ts';

type Answered = Extract<NtpObservation, { kind: 'answered' }>;

/** Stratum 16 and more: not synchronised (RFC 5905 section 7.3). */
const UNSYNCHRONISED_STRATUM = 16;

/** The outcome of an ntp run: figures of the exchange with the shortest delay, which the network disturbed least. */
export function summarizeNtp(observations: readonly NtpObservation[], target: Target, options: NtpOptions): Outcome {
  const answered = observations.filter((seen) => seen.kind === 'answered');
  const valid = answered.filter((exchange) => exchange.stratum !== 0);
  const best = bestOf(valid);
  const sent = observations.filter((seen) => seen.kind === 'sent').length;
  const metrics: MetricValues = { sent, received: valid.length, ...(best === undefined ? {} : figuresOf(best)) };
  const at = observations.find((seen) => seen.kind === 'target')?.address ?? target.text;
  const finding = findingOf(observations, best, sent, at);
  return {
    verdict: verdictOf(finding),
    ...(finding === undefined ? {} : { finding }),
    metrics,
    absent: {
      ...absentRest(ntp.metrics, metrics, finding?.cause === 'timeout' ? 'timed_out' : 'run_failed'),
      ...(best !== undefined && best.delayMs < 0 ? { offset_bound_ms: 'not_applicable' as const } : {}),
    },
    samples: {
      offsets_ms: inOrder(valid, options.count, 'offsetMs'),
      delays_ms: inOrder(valid, options.count, 'delayMs'),
    },
    stamps: {
      kernel: valid.filter(({ stamps }) => stamps === 'kernel').length,
      process: valid.filter(({ stamps }) => stamps === 'process').length,
    },
    detail: {
      address: at,
      ...(best === undefined ? {} : { reference: best.reference, version: best.version }),
      ...countOf(observations, 'rejected'),
    },
  };
}

/** The shortest delay that can be true: a negative one says that a clock was wrong, and only serves where all are. */
function bestOf(exchanges: readonly Answered[]): Answered | undefined {
  const possible = exchanges.filter(({ delayMs }) => delayMs >= 0);
  if (possible.length === 0) return [...exchanges].sort((a, b) => b.delayMs - a.delayMs)[0];
  return possible.sort((a, b) => a.delayMs - b.delayMs)[0];
}

function figuresOf({ offsetMs, delayMs, stratum, rootDelayMs, rootDispersionMs, leap }: Answered): MetricValues {
  return {
    offset_ms: offsetMs,
    ...(delayMs < 0 ? {} : { offset_bound_ms: delayMs / 2 }),
    delay_ms: delayMs,
    stratum,
    root_delay_ms: rootDelayMs,
    root_dispersion_ms: rootDispersionMs,
    leap,
  };
}

function inOrder(
  exchanges: readonly Answered[],
  count: number,
  key: 'offsetMs' | 'delayMs',
): readonly (number | null)[] {
  return Array.from(
    { length: count },
    (_, index) => exchanges.find((exchange) => exchange.index === index)?.[key] ?? null,
  );
}

function countOf(observations: readonly NtpObservation[], kind: 'rejected'): Record<string, number> {
  const count = observations.filter((seen) => seen.kind === kind).length;
  return count === 0 ? {} : { rejected_answers: count };
}

function verdictOf(finding: Finding | undefined): Outcome['verdict'] {
  if (finding === undefined) return 'up';
  if (finding.side === 'agent' || finding.side === 'resolver') return 'unknown';
  return finding.cause === 'not_synchronised' ? 'degraded' : 'down';
}

function findingOf(
  observations: readonly NtpObservation[],
  best: Answered | undefined,
  sent: number,
  at: string,
): Finding | undefined {
  const operation = `ask ${at} for the time`;
  if (best !== undefined)
    return isSynchronised(best) ? undefined : { cause: 'not_synchronised', side: 'target', operation };
  const kiss = observations.find((seen) => seen.kind === 'answered');
  if (kiss !== undefined)
    return { cause: 'refused', side: 'target', operation: `${operation}: it answered ${kiss.reference}` };
  const failed = observations.find((seen) => seen.kind === 'error' || seen.kind === 'local_fault');
  if (failed !== undefined)
    return {
      ...faultOf(failed.code, failed.kind === 'local_fault' ? 'local' : 'network'),
      operation: explained(operation, failed.code),
    };
  if (sent === 0 || observations.some((seen) => seen.kind === 'stopped'))
    return { cause: 'cancelled', side: 'agent', operation };
  const rejected = observations.find((seen) => seen.kind === 'rejected');
  if (rejected !== undefined)
    return { cause: 'protocol_violation', side: 'target', operation: `${operation}: wrong ${rejected.why}` };
  return { cause: 'timeout', side: 'target', operation };
}

const isSynchronised = ({ leap, stratum }: Answered): boolean => leap !== 3 && stratum < UNSYNCHRONISED_STRATUM;
