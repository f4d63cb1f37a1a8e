import { explained, failureAt, silenceOf } from '../contract/network-error.ts';
import { absentRest, type Finding, type MetricValues, type Outcome } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason } from '../contract/verdict.ts';
import { type NtpOptions, ntp } from './descriptor.ts';
import { kissOf } from './hold-offs.ts';
import type { ExchangeTimes, NtpObservation } from './observation.ts';
import type { HeaderFault } from './packet.ts';

type Answered = Extract<NtpObservation, { kind: 'answered' }>;
type Timed = Answered & { readonly times: ExchangeTimes };

/** Stratum 16 and more: not synchronised (RFC 5905 section 7.3). */
const UNSYNCHRONISED_STRATUM = 16;
/**
 * A server whose root distance is not below this counts as unsynchronised, ms (MAXDISP: RFC 5905 section 7.2, appendix
 * A.5.1.1).
 */
const MAX_ROOT_DISTANCE_MS = 16_000;

/** The outcome of an ntp run: figures of the exchange with the shortest delay, which the network disturbed least. */
export function summarizeNtp(observations: readonly NtpObservation[], target: Target, options: NtpOptions): Outcome {
  const answered = observations.filter((seen) => seen.kind === 'answered');
  const valid = answered.filter((exchange) => kissOf(exchange) === null);
  const timed = valid.filter((exchange): exchange is Timed => exchange.times !== null);
  const best = bestOf(timed) ?? valid[0];
  const sent = observations.filter((seen) => seen.kind === 'sent').length;
  const metrics: MetricValues = { sent, received: valid.length, ...(best === undefined ? {} : figuresOf(best)) };
  const asked = observations.find((seen) => seen.kind === 'target');
  const at = asked?.address ?? target.text;
  const finding = findingOf(observations, best, sent, { at, host: asked?.host ?? target.host });
  return {
    verdict: verdictOf(finding),
    ...(finding === undefined ? {} : { finding }),
    metrics,
    absent: {
      ...absentRest(ntp.metrics, metrics, absenceOf(finding, best)),
      ...(best?.times?.boundMs === null ? { offset_bound_ms: 'not_applicable' as const } : {}),
    },
    samples: {
      offsets_ms: inOrder(timed, options.count, 'offsetMs'),
      delays_ms: inOrder(timed, options.count, 'delayMs'),
    },
    stamps: {
      kernel: timed.filter(({ stamps }) => stamps === 'kernel').length,
      process: timed.filter(({ stamps }) => stamps === 'process').length,
    },
    detail: {
      address: at,
      ...(asked === undefined ? {} : { address_reason: asked.reason }),
      ...(best === undefined ? {} : { reference: best.reference, version: best.version }),
      ...kissDetail(answered),
      ...countOf(observations, 'rejected'),
    },
  };
}

/** Why figures are absent: the server answered without a time, or nothing was measured. */
function absenceOf(finding: Finding | undefined, best: Answered | undefined): AbsenceReason {
  if (best !== undefined) return 'not_offered_by_target';
  return finding?.cause === 'timeout' ? 'timed_out' : 'run_failed';
}

/** The shortest plausible delay. A negative one shows that a clock was wrong, and is used only if all are negative. */
function bestOf(exchanges: readonly Timed[]): Timed | undefined {
  const possible = exchanges.filter(({ times }) => times.delayMs >= 0);
  if (possible.length === 0) return [...exchanges].sort((a, b) => b.times.delayMs - a.times.delayMs)[0];
  return possible.sort((a, b) => a.times.delayMs - b.times.delayMs)[0];
}

function figuresOf({ times, stratum, rootDelayMs, rootDispersionMs, leap }: Answered): MetricValues {
  return {
    ...(times === null ? {} : { offset_ms: times.offsetMs, delay_ms: times.delayMs }),
    ...(times === null || times.boundMs === null ? {} : { offset_bound_ms: times.boundMs }),
    stratum,
    root_delay_ms: rootDelayMs,
    root_dispersion_ms: rootDispersionMs,
    leap,
  };
}

function inOrder(exchanges: readonly Timed[], count: number, key: 'offsetMs' | 'delayMs'): readonly (number | null)[] {
  return Array.from(
    { length: count },
    (_, index) => exchanges.find((exchange) => exchange.index === index)?.times[key] ?? null,
  );
}

function kissDetail(answered: readonly Answered[]): Record<string, string> {
  const kiss = answered.map(kissOf).find((code) => code !== null);
  return kiss === undefined ? {} : { kiss_code: kiss };
}

function countOf(observations: readonly NtpObservation[], kind: 'rejected'): Record<string, number> {
  const count = observations.filter((seen) => seen.kind === kind).length;
  return count === 0 ? {} : { rejected_answers: count };
}

/** A finding about the content of an answer, so the server is up. */
const DEGRADING: readonly Finding['cause'][] = ['not_synchronised', 'unexpected_answer'];

function verdictOf(finding: Finding | undefined): Outcome['verdict'] {
  if (finding === undefined) return 'up';
  if (finding.side === 'agent' || finding.side === 'resolver') return 'unknown';
  return DEGRADING.includes(finding.cause) ? 'degraded' : 'down';
}

function findingOf(
  observations: readonly NtpObservation[],
  best: Answered | undefined,
  sent: number,
  { at, host }: { readonly at: string; readonly host: string },
): Finding | undefined {
  const operation = `ask ${at} for the time`;
  const held = observations.find((seen) => seen.kind === 'held_off');
  if (held !== undefined) {
    const cause = held.kiss === 'RATE' ? 'kiss_rate' : 'kiss_deny';
    const why = `nothing is sent for another ${waitText(held.leftMs)}, since it answered ${held.kiss}`;
    return { cause, side: 'agent', operation: `${operation}: ${why}` };
  }
  if (best !== undefined) return headerFinding(best, operation);
  const kiss = observations.find((seen) => seen.kind === 'answered');
  if (kiss !== undefined) {
    const words = `${operation}: it answered ${kiss.reference}`;
    return kissOf(kiss) === 'RATE'
      ? { cause: 'kiss_rate', side: 'agent', operation: words }
      : { cause: 'refused', side: 'target', operation: words };
  }
  const failed = observations.find((seen) => seen.kind === 'error' || seen.kind === 'local_fault');
  if (failed !== undefined)
    return {
      ...(failed.kind === 'local_fault'
        ? failureAt(host, failed.code, 'local')
        : failureAt(host, failed.code, 'network', failed.from ?? undefined)),
      operation: explained(operation, failed.code),
    };
  if (sent === 0 || observations.some((seen) => seen.kind === 'stopped'))
    return { cause: 'cancelled', side: 'agent', operation };
  const rejected = observations.find((seen) => seen.kind === 'rejected');
  if (rejected !== undefined)
    return { cause: 'protocol_violation', side: 'target', operation: `${operation}: wrong ${rejected.why}` };
  return { ...silenceOf(host), operation };
}

const FAULT_WORDS: Readonly<Record<HeaderFault, string>> = {
  no_time: 'its receive or transmit time is zero',
  transmit_before_receive: 'its transmit time lies before its receive time',
  reference_after_transmit: 'its reference time lies after its transmit time',
};

/** The fault of the server's clock, from an answer; undefined: none. */
function headerFinding(answer: Answered, operation: string): Finding | undefined {
  const unsynchronised = unsynchronisedWords(answer);
  if (unsynchronised !== null)
    return { cause: 'not_synchronised', side: 'target', operation: `${operation}: ${unsynchronised}` };
  if (answer.fault === null) return undefined;
  return { cause: 'unexpected_answer', side: 'target', operation: `${operation}: ${FAULT_WORDS[answer.fault]}` };
}

function unsynchronisedWords({ leap, stratum, reference, rootDelayMs, rootDispersionMs }: Answered): string | null {
  if (stratum === 0) return `stratum 0, reference ${reference === '' ? 'unset' : reference}`;
  if (stratum >= UNSYNCHRONISED_STRATUM) return `stratum ${stratum}`;
  if (leap === 3) return 'leap indicator 3';
  const distanceMs = rootDelayMs / 2 + rootDispersionMs;
  return distanceMs < MAX_ROOT_DISTANCE_MS ? null : `root distance ${(distanceMs / 1000).toFixed(1)} s, 16 s or more`;
}

/** `45 s`, `12 min`, `23 h`: rounded up. */
function waitText(ms: number): string {
  if (ms <= 120_000) return `${Math.ceil(ms / 1000)} s`;
  return ms <= 7_200_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 3_600_000)} h`;
}
