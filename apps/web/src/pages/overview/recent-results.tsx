import type { Result } from '@netsonde/protocol/api';
import { Link } from '@tanstack/react-router';
import { useCatalog } from '../../api/catalog.ts';
import { headlineMetrics } from '../../api/probe-metrics.ts';
import { ClockTime } from '../../components/clock-time.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FindingText } from '../../components/finding-text.tsx';
import { metricText } from '../../components/metric-text.ts';
import { Panel } from '../../components/panel.tsx';
import { VerdictMark } from '../../components/verdict-mark.tsx';

/** The newest results of all tests. */
export function RecentResults({ results }: { readonly results: readonly Result[] | undefined }) {
  const catalog = useCatalog();
  const figures = (result: Result) => {
    const probe = catalog.find(({ id }) => id === result.probe);
    return (probe === undefined ? [] : headlineMetrics(probe))
      .flatMap((metric) => {
        const value = result.metrics[metric.id];
        return value === undefined ? [] : [`${metric.label} ${metricText(metric, value)}`];
      })
      .slice(0, 3)
      .join(' · ');
  };
  return (
    <Panel title="Recent activity" flush>
      <DataTable
        caption="The newest results"
        rows={results}
        expectedRows={8}
        rowKey={({ agent, epoch, seq }) => `${agent}/${epoch}/${seq}`}
        empty={
          <EmptyState title="No results yet">
            <p>As soon as an agent runs a test, its results appear here.</p>
          </EmptyState>
        }
        columns={[
          {
            key: 'target',
            label: 'Target',
            cell: ({ test, address }) => (
              <Link to="/tests/$testId" params={{ testId: test }}>
                {address}
              </Link>
            ),
          },
          {
            key: 'verdict',
            label: 'Verdict',
            place: 'beside',
            cell: ({ verdict }) => <VerdictMark verdict={verdict} />,
          },
          {
            key: 'figures',
            label: 'Measured',
            place: 'below',
            cell: (result) =>
              result.finding === undefined ? (
                <span className="muted">{figures(result)}</span>
              ) : (
                <FindingText finding={result.finding} />
              ),
          },
          {
            key: 'probe',
            label: 'Probe',
            minor: true,
            cell: ({ probe }) => catalog.find(({ id }) => id === probe)?.label ?? probe,
          },
          { key: 'agent', label: 'Agent', minor: true, cell: ({ agentName }) => agentName },
          { key: 'at', label: 'Time', numeric: true, cell: ({ at }) => <ClockTime at={at} /> },
        ]}
      />
    </Panel>
  );
}
