import { type Delays, distributionOf } from '@netsonde/metrics';
import type { MetricDescriptor } from '../contract/metric.ts';
import type { Absences, MetricValues } from '../contract/outcome.ts';
import type { AbsenceReason } from '../contract/verdict.ts';

interface RttFigure {
  readonly key: 'min' | 'avg' | 'median' | 'p95' | 'max' | 'stddev';
  readonly label: string;
  readonly description: string;
  readonly headline?: boolean;
}

const FIGURES: readonly RttFigure[] = [
  { key: 'min', label: 'Minimum round trip', description: 'Shortest round trip of the run' },
  {
    key: 'avg',
    label: 'Average round trip',
    description: 'Arithmetic mean of the round trips of the run',
    headline: true,
  },
  { key: 'median', label: 'Median round trip', description: 'Middle round trip of the run' },
  {
    key: 'p95',
    label: '95th percentile round trip',
    description: 'Round trip that 95 % of the run did not exceed (nearest rank, always a measured one)',
  },
  { key: 'max', label: 'Maximum round trip', description: 'Longest round trip of the run' },
  {
    key: 'stddev',
    label: 'Round-trip deviation',
    description: 'Sample standard deviation of the round trips; absent when fewer than two came back',
  },
];

/**
 * `rtt_min_ms` to `rtt_stddev_ms`, as each probe with round trips declares them.
 * @param events from which event to which, and by which stamps; appended to each description
 */
export function rttMetrics(events: string): readonly MetricDescriptor[] {
  return FIGURES.map(({ key, label, description, headline }) => ({
    id: `rtt_${key}_ms`,
    label,
    description: `${description}; ${events}`,
    kind: 'float',
    unit: 'ms',
    timed: 'kernel',
    better: 'lower',
    aggregate: key === 'min' || key === 'max' ? key : 'mean',
    source: 'RFC 2681 (round-trip delay and its statistics)',
    ...(key === 'avg' || key === 'median' ? { sketch: true } : {}),
    ...(headline === true ? { headline } : {}),
  }));
}

/** Metrics and absences of a run, for spreading into an outcome. */
export interface Figures {
  readonly metrics: MetricValues;
  readonly absent: Absences;
}

/**
 * The six figures of a run's round trips in ms, lost ones null.
 * @param none the reason for absence, when no answer arrived. One round trip has no deviation: `not_applicable`.
 */
export function rttFigures(rttsMs: Delays, none: AbsenceReason): Figures {
  const spread = distributionOf(rttsMs);
  if (spread === undefined)
    return { metrics: {}, absent: Object.fromEntries(FIGURES.map(({ key }) => [`rtt_${key}_ms`, none])) };
  const { min, avg, median, p95, max, stddev } = spread;
  const always = { rtt_min_ms: min, rtt_avg_ms: avg, rtt_median_ms: median, rtt_p95_ms: p95, rtt_max_ms: max };
  return stddev === undefined
    ? { metrics: always, absent: { rtt_stddev_ms: 'not_applicable' } }
    : { metrics: { ...always, rtt_stddev_ms: stddev }, absent: {} };
}
