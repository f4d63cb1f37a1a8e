import { burstRatio, interarrivalJitter, meanAbsoluteIpdv, voiceQuality } from '@netsonde/metrics';
import { failureAt, type NetworkFault, silenceOf } from '../contract/network-error.ts';
import type { Absences, Finding, MetricValues, Outcome } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason, Verdict } from '../contract/verdict.ts';
import { flawFinding, packetFigures } from '../figures/packet-metrics.ts';
import { rttFigures } from '../figures/rtt-metrics.ts';
import type { IcmpOptions } from './descriptor.ts';
import type { IcmpObservation, Train } from './observation.ts';

/** The outcome of a train of echoes. Without a train (the run was cut short before) nothing was measured. */
export function summarize(observations: readonly IcmpObservation[], _target: Target, options: IcmpOptions): Outcome {
  const train = observations.find((observation) => observation.kind === 'train');
  if (train === undefined) throw new Error('an ICMP run ended without a train');
  const rttsMs = inMs(train.rttsNs);
  const none = noneReason(train);
  const figures = [
    packetFigures(train, { watched: !wasCutShort(train) }),
    rttFigures(rttsMs, none),
    variationFigures(rttsMs, train, options.intervalSeconds * 1000, none),
    voiceFigures(rttsMs, train, options, none),
    headerFigures(train, none),
  ];
  const finding = findingOf(train);
  return {
    verdict: verdictOf(train, finding),
    ...(finding === null ? {} : { finding }),
    metrics: Object.assign({}, ...figures.map(({ metrics }) => metrics)),
    absent: Object.assign({}, ...figures.map(({ absent }) => absent)),
    samples: { rtts_ms: rttsMs },
    stamps: { kernel: train.kernelStamped, process: train.processStamped },
    detail: detailOf(train, options),
  };
}

/** Why a train without answers has no figures: nobody answered, or nothing could be sent. */
function noneReason({ sent, error }: Train): AbsenceReason {
  if (sent > 0) return 'no_responder';
  if (error?.kind === 'permission') return 'not_permitted';
  return error?.kind === 'unsupported' ? 'not_supported' : 'run_failed';
}

/** Ended while echoes were in flight, which are neither answered nor lost. */
const wasCutShort = ({ error, sent, received }: Train): boolean => error?.kind === 'cancelled' && received < sent;

/** null where lost. A plain loop: a run may have thousands, and an agent a thousand runs at once. */
function inMs(rttsNs: Float64Array): (number | null)[] {
  const rttsMs: (number | null)[] = [];
  for (const ns of rttsNs) rttsMs.push(Number.isNaN(ns) ? null : ns / 1e6);
  return rttsMs;
}

interface Figures {
  readonly metrics: MetricValues;
  readonly absent: Absences;
}

const figure = (id: string, value: number | undefined, reason: AbsenceReason): Figures =>
  value === undefined ? { metrics: {}, absent: { [id]: reason } } : { metrics: { [id]: value }, absent: {} };

const both = (a: Figures, b: Figures): Figures => ({
  metrics: { ...a.metrics, ...b.metrics },
  absent: { ...a.absent, ...b.absent },
});

/** Jitter uses the answers in order of arrival, IPDV the packets in send order. One answer has no variation. */
function variationFigures(
  rttsMs: readonly (number | null)[],
  train: Train,
  intervalMs: number,
  noAnswer: AbsenceReason,
): Figures {
  const none = rttsMs.some((rtt) => rtt !== null) ? 'not_applicable' : noAnswer;
  const arrived = asArrived(rttsMs, train, intervalMs);
  return both(
    arrived === null
      ? figure('jitter_ms', undefined, 'not_supported')
      : figure('jitter_ms', interarrivalJitter(arrived), none),
    figure('ipdv_ms', meanAbsoluteIpdv(rttsMs), none),
  );
}

/**
 * The round trips in order of arrival: the send order if nothing was reordered, else computed from the send times. null
 * where those are not known: a burst does not leave in one instant.
 */
function asArrived(
  rttsMs: readonly (number | null)[],
  { reordered, lateSends }: Train,
  intervalMs: number,
): ArrayLike<number | null> | null {
  const measured = rttsMs.filter((rtt) => rtt !== null);
  if (reordered === 0) return measured;
  if (intervalMs === 0 || lateSends > 0) return null;
  const arrivedAt: number[] = [];
  for (const [index, rtt] of rttsMs.entries()) if (rtt !== null) arrivedAt.push(index * intervalMs + rtt);
  const order = Array.from(measured.keys()).sort((a, b) => (arrivedAt[a] ?? 0) - (arrivedAt[b] ?? 0));
  return order.map((index) => measured[index] ?? null);
}

/** A run in which everything was lost has no delay, and so no rating. */
function voiceFigures(
  rttsMs: readonly (number | null)[],
  train: Train,
  { codec, jitterBufferMs }: IcmpOptions,
  none: AbsenceReason,
): Figures {
  const measured = rttsMs.filter((rtt) => rtt !== null);
  if (measured.length === 0) return { metrics: {}, absent: { r_factor: none, mos: none } };
  const burst = burstRatio(rttsMs);
  const rating = voiceQuality(
    {
      rttMs: measured.reduce((sum, rtt) => sum + rtt, 0) / measured.length,
      lossPct: (100 * (train.sent - train.received)) / train.sent,
      ...(burst === undefined ? {} : { burstRatio: Math.max(1, burst) }),
    },
    { codec, jitterBufferMs },
  );
  return { metrics: { r_factor: rating.r, mos: rating.mos }, absent: {} };
}

function headerFigures({ replyTtl, errorBoundNs, received }: Train, noAnswer: AbsenceReason): Figures {
  const bound = errorBoundNs === undefined ? undefined : errorBoundNs / 1e6;
  const none = received === 0 ? noAnswer : 'not_supported';
  return both(figure('reply_ttl', replyTtl, none), figure('error_bound_ms', bound, none));
}

/** The fault of the train, if any. Loss is on the path's side only if this host dropped nothing. */
function findingOf(train: Train): Finding | null {
  const { error, address, sent, received, localDrops } = train;
  if (error !== undefined && isOurs(error.kind))
    return { cause: error.kind, side: 'agent', operation: `${error.call} ${address}: ${error.message}` };
  if (sent > 0 && received === sent) return flawFinding(`echo ${address}`, train, address);
  if (wasCutShort(train)) return { cause: 'cancelled', side: 'agent', operation: `echo ${address}` };
  if (error?.kind === 'unreachable' && error.call !== 'icmp' && sent === 0)
    return { ...failureAt(address, 'EHOSTUNREACH', 'local'), operation: `${error.call} ${address}: ${error.message}` };
  if (localDrops > 0)
    return {
      cause: 'local_resource',
      side: 'agent',
      operation: `this host dropped ${localDrops} packets while it listened to ${address}`,
    };
  if (error !== undefined && error.kind !== 'cancelled')
    return { ...unreachable(train, error), operation: `${error.call} ${address}: ${error.message}` };
  if (sent === 0) return { cause: 'cancelled', side: 'agent', operation: `echo ${address}` };
  if (received === 0) return { ...silenceOf(address), operation: `echo ${address}: ${received} of ${sent} answered` };
  return flawFinding(`echo ${address}`, train, address);
}

/**
 * A router that reports an expired TTL is alive. Only undelivered packets are attributed by the state of this host's
 * network.
 */
function unreachable({ address }: Train, { kind, call, offender }: NonNullable<Train['error']>): NetworkFault {
  if (kind !== 'unreachable') return { cause: 'unreachable', side: 'path' };
  return failureAt(address, 'EHOSTUNREACH', call === 'icmp' ? 'network' : 'local', offender);
}

const OURS = ['permission', 'unsupported', 'local_resource'] as const;
const isOurs = (kind: string): kind is (typeof OURS)[number] => OURS.some((own) => own === kind);

function verdictOf({ received }: Train, finding: Finding | null): Verdict {
  if (finding === null) return 'up';
  if (finding.side === 'agent') return 'unknown';
  return received === 0 ? 'down' : 'degraded';
}

function detailOf(train: Train, { codec, jitterBufferMs }: IcmpOptions): Outcome['detail'] {
  const { address, addressReason, via, icmpErrors, localDrops, lateSends, error } = train;
  return {
    address,
    ...(addressReason === undefined ? {} : { address_reason: addressReason }),
    ...(via === undefined ? {} : { via }),
    voice: { codec, jitter_buffer_ms: jitterBufferMs, one_way_delay: 'half the average round trip' },
    ...(icmpErrors > 0 ? { icmp_errors: icmpErrors } : {}),
    ...(localDrops > 0 ? { local_drops: localDrops } : {}),
    ...(lateSends > 0 ? { late_sends: lateSends } : {}),
    ...(error === undefined
      ? {}
      : { error: error.message, ...(error.offender === undefined ? {} : { offender: error.offender }) }),
  };
}
