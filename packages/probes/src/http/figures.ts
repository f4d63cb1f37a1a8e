import type { MetricValue } from '../contract/metric.ts';
import type { AbsenceReason } from '../contract/verdict.ts';

/** Collects the values of a run, and the reasons for absent ones. */
export interface Figures {
  readonly metrics: Record<string, MetricValue>;
  readonly absent: Record<string, AbsenceReason>;
}

export const newFigures = (): Figures => ({ metrics: {}, absent: {} });

/** Records a value, or why there is none. */
export function put(figures: Figures, id: string, value: MetricValue | null | undefined, reason: AbsenceReason): void {
  if (value === undefined || value === null) figures.absent[id] = reason;
  else figures.metrics[id] = value;
}
