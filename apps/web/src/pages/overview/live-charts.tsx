import { SegmentedControl } from '@mantine/core';
import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { ProbeInfo, Test } from '@netsonde/protocol/api';
import { useMemo, useState } from 'react';
import { useCatalog } from '../../api/catalog.ts';
import { headlineMetrics } from '../../api/probe-metrics.ts';
import { MetricChart } from '../../charts/metric-chart.tsx';
import type { TimeWindow } from '../../charts/stretch.ts';
import { type SeriesQuestion, useSeries } from '../../charts/use-series.ts';
import { Panel } from '../../components/panel.tsx';
import classes from './overview.module.css';

const MINUTE_MS = 60_000;
/** Checks drawn at once. More lines cannot be distinguished. */
const MOST_CHECKS = 6;
const MOST_LINES = 12;
const MANY_TARGETS = 20;

/** Latency and loss of the running tests, for any probe that measures them. */
export function LiveCharts({ tests }: { readonly tests: readonly Test[] }) {
  const catalog = useCatalog();
  const [minutes, setMinutes] = useState('15');
  const running = useMemo(() => tests.filter(({ state }) => state === 'running'), [tests]);
  const latency = useMemo(() => chartOf(running, catalog, isLatency), [running, catalog]);
  const loss = useMemo(() => chartOf(running, catalog, isLoss), [running, catalog]);
  if (running.length === 0) return null;
  const stretch = { lengthMs: Number(minutes) * MINUTE_MS, endMs: null };
  return (
    <Panel
      title="Latency and loss"
      note={
        latency.left > 0
          ? `The first ${MOST_CHECKS} checks; ${latency.left} more on their tests' pages`
          : 'Running tests'
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Time shown"
          value={minutes}
          onChange={setMinutes}
          data={[
            { value: '5', label: '5 min' },
            { value: '15', label: '15 min' },
            { value: '60', label: '1 h' },
          ]}
        />
      }
    >
      <div className={classes.charts}>
        <Chart plan={latency} title="Latency" stretch={stretch} />
        <Chart plan={loss} title="Loss" stretch={stretch} />
      </div>
    </Panel>
  );
}

interface ChartPlan {
  readonly metric: MetricDescriptor | undefined;
  readonly questions: readonly SeriesQuestion[];
  /** The metrics that are drawn. */
  readonly note: string;
  readonly left: number;
  /** Lines to reserve space for. */
  readonly lines: number;
}

function Chart({
  plan,
  title,
  stretch,
}: {
  readonly plan: ChartPlan;
  readonly title: string;
  readonly stretch: TimeWindow;
}) {
  const series = useSeries(plan.questions, stretch);
  if (plan.metric === undefined) return <p className="muted">No running test measures {title.toLowerCase()}.</p>;
  return (
    <MetricChart
      metric={plan.metric}
      title={title}
      note={plan.note}
      series={series}
      stretch={stretch}
      expectedLines={plan.lines}
      mostLines={MOST_LINES}
      elsewhere="the others are on their tests' pages"
      syncKey="overview"
    />
  );
}

/** Finds latency and loss by the declarations of metrics. */
const isLatency = ({ unit, better }: MetricDescriptor): boolean => unit === 'ms' && better === 'lower';
const isLoss = ({ unit, better }: MetricDescriptor): boolean => unit === 'pct' && better === 'lower';

/** One question per check of the running tests whose probe has such a headline metric. */
function chartOf(
  tests: readonly Test[],
  catalog: readonly ProbeInfo[],
  wanted: (metric: MetricDescriptor) => boolean,
): ChartPlan {
  const found = tests.flatMap((test) =>
    test.checks.flatMap((check) => {
      const probe = catalog.find(({ id }) => id === check.probe);
      const metric = probe && headlineMetrics(probe).find(wanted);
      if (probe === undefined || metric === undefined) return [];
      const intervalMs = (check.interval ?? test.interval) * 1000;
      const group = test.checks.length > 1 ? `${test.name}, ${probe.label}` : test.name;
      // Of a test with many targets only the first one is drawn: the rest is on its own page.
      const target = test.targets.length > MANY_TARGETS ? test.targets[0]?.id : undefined;
      const lines = test.assigned.length * (target === undefined ? test.targets.length : 1);
      return [
        { metric, lines, question: { test: test.id, check: check.id, metric: metric.id, intervalMs, group, target } },
      ];
    }),
  );
  const drawn = found.slice(0, MOST_CHECKS);
  return {
    metric: drawn[0]?.metric,
    note: [...new Set(drawn.map(({ metric }) => metric.label))].join(', '),
    questions: drawn.map(({ question }) => question),
    left: found.length - drawn.length,
    lines: drawn.reduce((sum, { lines }) => sum + lines, 0),
  };
}
