import type { ProbeInfo, Result } from '@netsonde/protocol/api';
import { headlineMetrics } from '../api/probe-metrics.ts';
import { metricText } from './metric-text.ts';

interface Props {
  readonly result: Result;
  readonly probe: ProbeInfo | undefined;
  readonly most: number;
}

/** The headline metrics of a result, each with its name. A figure never wraps. */
export function HeadlineFigures({ result, probe, most }: Props) {
  const figures = (probe === undefined ? [] : headlineMetrics(probe)).flatMap((metric) => {
    const value = result.metrics[metric.id];
    return value === undefined ? [] : [{ id: metric.id, text: `${metric.label} ${metricText(metric, value)}` }];
  });
  return figures.slice(0, most).map(({ id, text }, place) => (
    <span key={id}>
      {place > 0 && ' · '}
      <span className="nowrap">{text}</span>
    </span>
  ));
}
