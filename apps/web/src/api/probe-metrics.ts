import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { ProbeInfo } from '@netsonde/protocol/api';

/** Metrics that a chart can draw: numbers, and yes or no as 1 and 0. */
export const isCharted = (metric: MetricDescriptor): boolean => metric.kind !== 'text';

/** The metrics to show first: those declared as headline, or the first numbers where none is. */
export function headlineMetrics(probe: ProbeInfo): readonly MetricDescriptor[] {
  const charted = probe.metrics.filter(isCharted);
  const headline = charted.filter((metric) => metric.headline === true);
  return headline.length > 0 ? headline : charted.slice(0, 3);
}

/** All metrics of a probe, of the whole run first, then those of each instance. */
export function allMetrics(probe: ProbeInfo): readonly MetricDescriptor[] {
  const known = new Set(probe.metrics.map(({ id }) => id));
  return [...probe.metrics, ...(probe.instance?.metrics.filter(({ id }) => !known.has(id)) ?? [])];
}
