import { formatValue } from '@netsonde/metrics';
import { codeText, type MetricDescriptor, type MetricValue } from '@netsonde/probes/catalog';

/** A metric's value as text, by its declaration. */
export function metricText(metric: MetricDescriptor | undefined, value: MetricValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (metric?.kind === 'boolean') return booleanShare(value);
  return codeText(metric, value) ?? formatValue(value, metric?.unit ?? undefined);
}

/** A charted yes or no: 1 and 0, and between them the share of yes in a stretch of time. */
function booleanShare(value: number): string {
  if (value === 1) return 'yes';
  return value === 0 ? 'no' : `${formatValue(value * 100, 'pct')} yes`;
}
