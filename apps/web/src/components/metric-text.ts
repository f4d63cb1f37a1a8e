import { formatValue } from '@netsonde/metrics';
import { type MetricDescriptor, type MetricValue, valueText } from '@netsonde/probes/catalog';

/** A metric's value as text, by its declaration. */
export function metricText(metric: MetricDescriptor | undefined, value: MetricValue): string {
  if (value === '') return '(empty)';
  if (metric?.kind === 'boolean' && typeof value === 'number') return booleanShare(value);
  return valueText(metric, value);
}

/** A charted yes or no: 1 and 0, and between them the share of yes in a stretch of time. */
function booleanShare(value: number): string {
  if (value === 1) return 'yes';
  return value === 0 ? 'no' : `${formatValue(value * 100, 'pct')} yes`;
}
