import type { MetricValue, Samples } from './metric.ts';
import type { AbsenceReason, Cause, Side, Verdict } from './verdict.ts';

export type MetricValues = Readonly<Record<string, MetricValue>>;
export type Absences = Readonly<Record<string, AbsenceReason>>;

/** Plain JSON that details are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Where the times of a run came from: how many of its RTTs had kernel stamps on both sides, and how many did not. */
export interface StampCounts {
  readonly kernel: number;
  readonly process: number;
}

/** A stretch of the run's monotonic clock, ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Why a verdict is not `up`: cause, whose side, and the call and address that failed ("connect 127.0.0.1:81"). */
export interface Finding {
  readonly cause: Cause;
  readonly side: Side;
  readonly operation: string;
  /** What `execute` decides the side by; does not leave it. Absent: cause and side are certain as they are. */
  readonly evidence?: readonly Evidence[];
}

/** What a probe knows of one address that did not answer as it should. */
export interface Evidence {
  /** Without a port, with its zone. */
  readonly address: string;
  /**
   * `silence`: nothing arrived in time. `unreachable`: an ICMP error, or the kernel's report after a while, that packets do
   * not get there. `local`: this host's kernel refused to send.
   */
  readonly fact: 'silence' | 'unreachable' | 'local';
  /** Who sent the ICMP error, where that is known. */
  readonly from?: string;
  /** The target's host had answered within this run, as by accepting the connection: a later silence is its own. */
  readonly heard?: boolean;
}

/** Metrics of one of several things that a run measures: a hop, an interface, a class. */
export interface InstanceOutcome {
  readonly key: string;
  readonly metrics: MetricValues;
  readonly absent: Absences;
}

/** What summarize makes of a run's observations. Every metric of the descriptor is in `metrics` or in `absent`, never in both. */
export interface Outcome {
  readonly verdict: Verdict;
  /** Present exactly when the verdict is not `up`. */
  readonly finding?: Finding;
  readonly metrics: MetricValues;
  readonly absent: Absences;
  readonly samples?: Samples;
  readonly instances?: readonly InstanceOutcome[];
  readonly stamps: StampCounts;
  /**
   * During which stretches of the run the process's clock read a figure, by metric id; none for a figure that the kernel
   * timed after all. Absent ids: during the whole run, as the metric's `timed` and the stamps say. Does not leave `execute`.
   */
  readonly timedDuring?: Readonly<Record<string, readonly Span[]>>;
  /** What metrics cannot say: addresses tried, certificates, headers. Stored apart, once when unchanged. */
  readonly detail: { readonly [key: string]: Json };
}

/** Marks every metric not measured as absent for one reason: what a failed run says of the rest. */
export function absentRest(
  ids: readonly { readonly id: string }[],
  measured: MetricValues,
  reason: AbsenceReason,
): Absences {
  return Object.fromEntries(ids.filter(({ id }) => measured[id] === undefined).map(({ id }) => [id, reason]));
}
