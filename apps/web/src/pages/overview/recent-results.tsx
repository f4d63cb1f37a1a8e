import type { Result } from '@netsonde/protocol/api';
import { Link } from '@tanstack/react-router';
import { useCatalog } from '../../api/catalog.ts';
import { Clipped } from '../../components/clipped.tsx';
import { ClockTime } from '../../components/clock-time.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FindingText } from '../../components/finding-text.tsx';
import { HeadlineFigures } from '../../components/headline-figures.tsx';
import { Panel } from '../../components/panel.tsx';
import { VerdictMark } from '../../components/verdict-mark.tsx';

const SHOWN = 12;

/** The newest results of all tests. */
export function RecentResults({ results }: { readonly results: readonly Result[] }) {
  const catalog = useCatalog();
  const probeOf = (id: string) => catalog.find((probe) => probe.id === id);
  return (
    <Panel title="Recent activity" flush>
      <DataTable
        caption="The newest results"
        rows={results.slice(0, SHOWN)}
        steady
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
            share: 18,
            cell: ({ test, address }) => (
              <Link to="/tests/$testId" params={{ testId: test }}>
                <Clipped text={address} />
              </Link>
            ),
          },
          {
            key: 'verdict',
            label: 'Verdict',
            share: 13,
            place: 'beside',
            cell: ({ verdict }) => <VerdictMark verdict={verdict} />,
          },
          {
            key: 'figures',
            label: 'Measured',
            place: 'below',
            wide: true,
            cell: (result) =>
              result.finding === undefined ? (
                <span className="muted">
                  <HeadlineFigures result={result} probe={probeOf(result.probe)} most={3} />
                </span>
              ) : (
                <FindingText finding={result.finding} />
              ),
          },
          {
            key: 'probe',
            label: 'Probe',
            share: 12,
            cell: ({ probe }) => <span className="nowrap">{probeOf(probe)?.label ?? probe}</span>,
          },
          {
            key: 'agent',
            label: 'Agent',
            share: 12,
            cell: ({ agentName }) => <Clipped text={agentName} />,
          },
          { key: 'at', label: 'Time', share: 13, numeric: true, cell: ({ at }) => <ClockTime at={at} /> },
        ]}
      />
    </Panel>
  );
}
