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
  /** null: absent. */
  readonly text: string | null;
  readonly reason: string;
}

/** Every metric of a run and of its instances: what was measured as a table, what is absent by its reason. */
export function ResultMetrics({ result, probe }: Props) {
  const known = new Map((probe === undefined ? [] : allMetrics(probe)).map((metric) => [metric.id, metric]));
  const rows = [
    ...rowsOf('', result, known),
    ...(result.instances ?? []).flatMap((instance) => rowsOf(instance.key, instance, known)),
  ];
  const measured = rows.filter(({ text }) => text !== null);
  const absent = rows.filter(({ text }) => text === null);
  return (
    <>
      <DataTable
        caption="Metrics of this run"
        rows={measured}
        rowKey={({ key }) => key}
        empty={<p className="muted">Nothing was measured in this run.</p>}
        columns={[
          { key: 'label', label: 'Metric', cell: ({ label, description }) => <span title={description}>{label}</span> },
          { key: 'value', label: 'Value', numeric: true, place: 'beside', cell: ({ text }) => text },
        ]}
      />
      {absent.length > 0 && <Absent rows={absent} />}
    </>
  );
}

function Absent({ rows }: { readonly rows: readonly Row[] }) {
  const reasons = [...new Set(rows.map(({ reason }) => reason))];
  return (
    <>
      <h2>Absent metrics</h2>
      <dl className="stack stack-tight">
        {reasons.map((reason) => (
          <div key={reason}>
            <dt>Because {reason}</dt>
            <dd className="muted small">
              {rows
                .filter((row) => row.reason === reason)
                .map(({ label }) => label)
                .join(' · ')}
            </dd>
          </div>
        ))}
      </dl>
    </>
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
    const reason = absent[id];
    return {
      key: `${instance}/${id}`,
      label: [instance, metric?.label ?? id].filter(Boolean).join(' · '),
      description: metric?.description,
      text: value === undefined ? null : metricText(metric, value),
      reason: reason === undefined ? 'no reason was given' : absenceWords(reason),
    };
  });
}

const placeOf = (order: readonly string[], id: string): number => {
  const place = order.indexOf(id);
  return place < 0 ? order.length : place;
};
