import { countOrder } from '@netsonde/metrics';
import { AGENT_STALLED, endpoint, explained, failureAt, faultOf, silenceOf } from '../contract/network-error.ts';
import type { Absences, Finding, MetricValues, Outcome } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason, Verdict } from '../contract/verdict.ts';
import { flawFinding, type PacketCounts, packetFigures } from '../figures/packet-metrics.ts';
import { rttFigures } from '../figures/rtt-metrics.ts';
import type { UdpOptions } from './descriptor.ts';
import type { UdpObservation } from './observation.ts';

/** How many different numbers datagrams can have: their field has 32 bits. */
const SEQUENCES = 2 ** 32;

/** The outcome of a udp run; for an interrupted run, from its observations so far. */
export function summarizeUdp(observations: readonly UdpObservation[], target: Target, options: UdpOptions): Outcome {
  const seen = sort(observations);
  const timeoutMs = options.timeoutSeconds * 1000;
  const inTime = seen.answered.filter(({ rttMs }) => rttMs <= timeoutMs);
  const rttBySequence = new Map(inTime.map(({ sequence, rttMs }) => [sequence, rttMs]));
  const rttsMs = seen.sent.map(({ sequence }) => rttBySequence.get(sequence) ?? null);
  const counts = {
    sent: seen.sent.length,
    received: rttBySequence.size,
    duplicates: seen.duplicates.length,
    late: seen.answered.length - inTime.length,
    reordered: countOrder(inOrderOfArrival(inTime), SEQUENCES).reordered,
    truncated: inTime.filter(({ truncated }) => truncated).length,
    corrupted: inTime.filter(({ corrupted }) => corrupted).length,
  };
  const packets = packetFigures(counts, { watched: !seen.stalled || counts.received > 0 });
  const open = portOpen(seen);
  const rtts = rttFigures(rttsMs, noRtts(seen, open.metrics.port_open));
  const address = seen.target?.address ?? target.host;
  const finding = findingOf(seen, counts, address, endpoint(address, target.port ?? 0));
  const kernel = inTime.filter(({ stamps }) => stamps === 'kernel').length;
  return {
    verdict: finding === null ? 'up' : verdictOf(finding, rttBySequence.size),
    ...(finding === null ? {} : { finding }),
    metrics: { ...packets.metrics, ...rtts.metrics, ...open.metrics },
    absent: { ...packets.absent, ...rtts.absent, ...open.absent },
    samples: { rtts_ms: rttsMs },
    stamps: { kernel, process: inTime.length - kernel },
    detail: detailOf(seen),
  };
}

function detailOf({ target }: Seen): Outcome['detail'] {
  if (target === undefined) return {};
  const { address, family, reason } = target;
  return { address, family, ...(reason === undefined ? {} : { address_reason: reason }) };
}

type Of<Kind extends UdpObservation['kind']> = Extract<UdpObservation, { kind: Kind }>;

interface Seen {
  readonly target: Of<'target'> | undefined;
  readonly sent: readonly Of<'sent'>[];
  readonly notSent: readonly Of<'not_sent'>[];
  readonly answered: readonly Of<'answered'>[];
  readonly duplicates: readonly Of<'duplicate'>[];
  readonly mismatches: readonly Of<'mismatch'>[];
  readonly errors: readonly Of<'error'>[];
  readonly stopped: boolean;
  readonly stalled: boolean;
}

const inOrderOfArrival = (answered: readonly Of<'answered'>[]): readonly number[] =>
  answered.toSorted((a, b) => a.arrival - b.arrival).map(({ sequence }) => sequence);

function sort(observations: readonly UdpObservation[]): Seen {
  const stop = observations.find((seen) => seen.kind === 'stopped');
  const undecided = new Set(stop?.undecided);
  return {
    stopped: stop !== undefined,
    stalled: observations.some((seen) => seen.kind === 'stalled'),
    target: observations.find((seen) => seen.kind === 'target'),
    sent: observations.filter((seen) => seen.kind === 'sent').filter(({ sequence }) => !undecided.has(sequence)),
    notSent: observations.filter((seen) => seen.kind === 'not_sent'),
    answered: observations.filter((seen) => seen.kind === 'answered'),
    duplicates: observations.filter((seen) => seen.kind === 'duplicate'),
    mismatches: observations.filter((seen) => seen.kind === 'mismatch'),
    errors: observations.filter((seen) => seen.kind === 'error'),
  };
}

interface PortOpen {
  readonly metrics: MetricValues;
  readonly absent: Absences;
}

function portOpen({ answered, mismatches, errors, sent }: Seen): PortOpen {
  if (answered.length > 0 || mismatches.length > 0) return { metrics: { port_open: true }, absent: {} };
  if (errors.some(isRefusal)) return { metrics: { port_open: false }, absent: {} };
  return { metrics: {}, absent: { port_open: sent.length > 0 ? 'no_responder' : 'run_failed' } };
}

const isRefusal = ({ code, reporter }: Of<'error'>): boolean => faultOf(code, reporter).cause === 'refused';

function noRtts({ sent }: Seen, open: unknown): AbsenceReason {
  if (sent.length === 0) return 'run_failed';
  return open === undefined ? 'timed_out' : 'no_responder';
}

/** The most severe fault: nothing sent, then reported errors, then damage, then loss. */
function findingOf(seen: Seen, counts: PacketCounts, address: string, at: string): Finding | null {
  const { sent, notSent, mismatches, errors } = seen;
  const { received } = counts;
  if (seen.stopped) return { cause: 'cancelled', side: 'agent', operation: `echo ${at}` };
  const unsent = notSent[0];
  if (sent.length === 0) {
    if (unsent !== undefined)
      return { ...failureAt(address, unsent.code, 'local'), operation: `send ${at}: ${unsent.code}` };
    return { cause: 'cancelled', side: 'agent', operation: `send ${at}` };
  }
  const error = errors[0];
  if (error !== undefined && received < sent.length) {
    const operation = `echo ${at}: ${error.code}${error.from === null ? '' : ` reported by ${error.from}`}`;
    return { ...failureAt(address, error.code, error.reporter, error.from ?? undefined), operation };
  }
  if (seen.stalled && received === 0)
    return { ...faultOf(AGENT_STALLED), operation: explained(`echo ${at}`, AGENT_STALLED) };
  if (mismatches.length > 0)
    return {
      cause: 'payload_mismatch',
      side: 'target',
      operation: `echo ${at}: ${mismatches.length} datagrams are none of those that were sent`,
    };
  if (received === 0)
    return { ...silenceOf(address), operation: `echo ${at}: none of ${sent.length} datagrams was answered` };
  return flawFinding(`echo ${at}`, counts, address);
}

function verdictOf({ cause, side }: Finding, received: number): Verdict {
  if (cause === 'cancelled') return 'unknown';
  if (received > 0 || cause === 'payload_mismatch') return 'degraded';
  return side === 'agent' || side === 'resolver' ? 'unknown' : 'down';
}
