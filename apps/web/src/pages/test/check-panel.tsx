import { NativeSelect } from '@mantine/core';
import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { ProbeInfo, Test } from '@netsonde/protocol/api';
import { useState } from 'react';
import { useProbe } from '../../api/catalog.ts';
import { allMetrics, headlineMetrics, isCharted } from '../../api/probe-metrics.ts';
import { MetricChart } from '../../charts/metric-chart.tsx';
import { useSeries } from '../../charts/use-series.ts';
import { optionText } from '../../components/option-text.ts';
import { Panel } from '../../components/panel.tsx';
import { intervalWords } from '../../components/time-words.ts';
import { AbsentMetrics } from './absent-metrics.tsx';
import { CheckCoverage } from './check-coverage.tsx';
import { Comparison } from './comparison.tsx';
import classes from './test-page.module.css';
import { UnknownSeries } from './unknown-series.tsx';
import { VerdictStrips } from './verdict-strips.tsx';
import { expectedLines, type View } from './view.ts';

type Check = Test['checks'][number];

interface Props {
  readonly test: Test;
  readonly check: Check;
  readonly view: View;
}

const MOST_CHARTS = 12;

/** The measurements of one check: verdicts over time, its headline metrics as charts, and any other metric on demand. */
export function CheckPanel({ test, check, view }: Props) {
  const probe = useProbe(check.probe);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  if (probe === undefined) return null;
  const charted = allMetrics(probe).filter(isCharted);
  const ids = chosen ?? headlineMetrics(probe).map(({ id }) => id);
  const shown = charted.filter(({ id }) => ids.includes(id)).slice(0, MOST_CHARTS);
  const others = charted.filter(({ id }) => !ids.includes(id));
  const intervalMs = (check.interval ?? test.interval) * 1000;
  return (
    <Panel
      title={probe.label}
      note={`Every ${intervalWords(intervalMs / 1000)}${optionWords(check, probe)}`}
      actions={
        <NativeSelect
          size="xs"
          aria-label={`Show another metric of ${probe.label}`}
          value=""
          onChange={(event) => setChosen([...ids, event.currentTarget.value])}
          disabled={others.length === 0 || shown.length >= MOST_CHARTS}
          data={[
            { value: '', label: 'Show another metric…' },
            ...others.map(({ id, label }) => ({ value: id, label })),
          ]}
        />
      }
    >
      <div className="stack">
        <VerdictStrips test={test} check={check} metric={shown[0] ?? charted[0]} intervalMs={intervalMs} view={view} />
        <UnknownSeries test={test} check={check} view={view} />
        <CheckCoverage test={test} check={check} view={view} />
        <div className={classes.charts}>
          {shown.map((metric) => (
            <CheckChart
              key={metric.id}
              test={test}
              check={check}
              metric={metric}
              intervalMs={intervalMs}
              view={view}
              remove={() => setChosen(ids.filter((id) => id !== metric.id))}
            />
          ))}
        </div>
        <Comparison test={test} check={check} metrics={charted} first={shown[0]} intervalMs={intervalMs} view={view} />
        <AbsentMetrics test={test} check={check} probe={probe} view={view} />
      </div>
    </Panel>
  );
}

interface ChartProps extends Props {
  readonly metric: MetricDescriptor;
  readonly intervalMs: number;
  readonly remove: () => void;
}

function CheckChart({ test, check, metric, intervalMs, view, remove }: ChartProps) {
  const { stretch, agent, target } = view;
  const series = useSeries([{ test: test.id, check: check.id, metric: metric.id, intervalMs, agent, target }], stretch);
  return (
    <MetricChart
      metric={metric}
      series={series}
      stretch={stretch}
      syncKey={`check-${check.id}`}
      expectedLines={expectedLines(test, view)}
      actions={<HideButton label={metric.label} hide={remove} />}
    />
  );
}

function HideButton({ label, hide }: { readonly label: string; readonly hide: () => void }) {
  return (
    <button
      type="button"
      className="quiet-button"
      aria-label={`Hide the chart of ${label}`}
      title="Hide"
      onClick={hide}
    >
      ×
    </button>
  );
}

/** The options that differ from their defaults, in words. */
function optionWords({ options }: Check, { options: fields }: ProbeInfo): string {
  return fields
    .filter(
      ({ name, default: usual }) =>
        options[name] !== undefined && JSON.stringify(options[name]) !== JSON.stringify(usual),
    )
    .map((field) => ` · ${optionText(field, options[field.name])}`)
    .join('');
}
