import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { ProbeInfo, Result } from '@netsonde/protocol/api';
import { allMetrics } from '../../api/probe-metrics.ts';
import { DataTable } from '../../components/data-table.tsx';
import { metricText } from '../../components/metric-text.ts';
import { absenceWords } from '../../components/verdict-words.ts';

interface Props {
  readonly result: Result;
  readonly probe: ProbeInfo | undefined;
}

interface Row {
  readonly key: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly text: string | null;
  readonly reason: string | undefined;
}

/** Every metric of a run and of its instances, measured or absent. */
export function ResultMetrics({ result, probe }: Props) {
  const known = new Map((probe === undefined ? [] : allMetrics(probe)).map((metric) => [metric.id, metric]));
  const rows = [
    ...rowsOf('', result, known),
    ...(result.instances ?? []).flatMap((instance) => rowsOf(instance.key, instance, known)),
  ];
  return (
    <DataTable
      caption="Metrics of this run"
      rows={rows}
      rowKey={({ key }) => key}
      empty={<p className="muted">This run has no metrics.</p>}
      columns={[
        { key: 'label', label: 'Metric', cell: ({ label, description }) => <span title={description}>{label}</span> },
        {
          key: 'value',
          label: 'Value',
          numeric: true,
          cell: ({ text, reason }) =>
            text ?? (
              <span className="muted">absent: {reason === undefined ? 'no reason given' : absenceWords(reason)}</span>
            ),
        },
      ]}
    />
  );
}

function rowsOf(
  instance: string,
  { metrics, absent }: Pick<Result, 'metrics' | 'absent'>,
  known: ReadonlyMap<string, MetricDescriptor>,
): readonly Row[] {
  const order = [...known.keys()];
  const ids = [...new Set([...Object.keys(metrics), ...Object.keys(absent)])];
  ids.sort((a, b) => placeOf(order, a) - placeOf(order, b));
  return ids.map((id) => {
    const metric = known.get(id);
    const value = metrics[id];
    return {
      key: `${instance}/${id}`,
      label: [instance, metric?.label ?? id].filter(Boolean).join(' · '),
      description: metric?.description,
      text: value === undefined ? null : metricText(metric, value),
      reason: absent[id],
    };
  });
}

const placeOf = (order: readonly string[], id: string): number => {
  const place = order.indexOf(id);
  return place < 0 ? order.length : place;
};
