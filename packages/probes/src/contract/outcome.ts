import type { MetricValue, Samples } from './metric.ts';
import type { AbsenceReason, Cause, Side, Verdict } from './verdict.ts';

export type MetricValues = Readonly<Record<string, MetricValue>>;
export type Absences = Readonly<Record<string, AbsenceReason>>;

/** Plain JSON, the type of details. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Which clock timed a run: the number of its RTTs with kernel stamps on both sides, and of those without. */
export interface StampCounts {
  readonly kernel: number;
  readonly process: number;
}

/** An interval on the run's monotonic clock, ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Why a verdict is not `up`: cause, whose side, and the call and address that failed ("connect 127.0.0.1:81"). */
export interface Finding {
  readonly cause: Cause;
  readonly side: Side;
  readonly operation: string;
  /** The evidence by which `execute` decides the side, then removed. Absent: cause and side are final. */
  readonly evidence?: readonly Evidence[];
}

/** What a probe observed of one address that did not answer correctly. */
export interface Evidence {
  /** Without a port, with its zone. */
  readonly address: string;
  /**
   * `silence`: nothing arrived in time. `unreachable`: an ICMP error, or a later report by the kernel, that packets do
   * not reach it. `local`: this host's kernel refused to send.
   */
  readonly fact: 'silence' | 'unreachable' | 'local';
  /** Who sent the ICMP error, where that is known. */
  readonly from?: string;
  /**
   * The target's host answered earlier in this run, for example by accepting the connection. A later silence is then
   * the target's fault.
   */
  readonly heard?: boolean;
}

/** Metrics of one of several things that a run measures: a hop, an interface, a class. */
export interface InstanceOutcome {
  readonly key: string;
  readonly metrics: MetricValues;
  readonly absent: Absences;
}

/**
 * The result that `summarize` computes from a run's observations. Every metric of the descriptor is in `metrics` or in
 * `absent`, never in both.
 */
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
   * The intervals in which the process's clock timed a figure, by metric id; empty if the kernel timed it. For an
   * absent id, `execute` assumes the whole run, unless the metric's `timed` and the stamps show that the kernel timed
   * it. `execute` removes this field.
   */
  readonly timedDuring?: Readonly<Record<string, readonly Span[]>>;
  /** Results that metrics cannot hold: addresses tried, certificates, headers. Stored apart, once when unchanged. */
  readonly detail: { readonly [key: string]: Json };
}

/** Marks all metrics that a failed run did not measure as absent, for one reason. */
export function absentRest(
  ids: readonly { readonly id: string }[],
  measured: MetricValues,
  reason: AbsenceReason,
): Absences {
  return Object.fromEntries(ids.filter(({ id }) => measured[id] === undefined).map(({ id }) => [id, reason]));
}
