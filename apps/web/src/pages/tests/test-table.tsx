import { formatValue } from '@netsonde/metrics';
import type { Test } from '@netsonde/protocol/api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useCatalog } from '../../api/catalog.ts';
import { useMay } from '../../api/session.ts';
import { DataTable } from '../../components/data-table.tsx';
import { TestActions } from '../../components/test-actions.tsx';
import { TestState } from '../../components/test-state.tsx';
import { intervalWords } from '../../components/time-words.ts';
import { VerdictBar } from '../../components/verdict-bar.tsx';
import { WarningSign } from '../../components/warning-sign.tsx';

interface Props {
  readonly tests: readonly Test[] | undefined;
  readonly empty: ReactNode;
}

export function TestTable({ tests, empty }: Props) {
  const catalog = useCatalog();
  const mayEdit = useMay('editor');
  const probes = (test: Test) =>
    [...new Set(test.checks.map(({ probe }) => catalog.find(({ id }) => id === probe)?.label ?? probe))].join(', ');
  return (
    <DataTable
      caption="Tests"
      rows={tests}
      rowKey={({ id }) => id}
      empty={empty}
      columns={[
        {
          key: 'name',
          label: 'Name',
          wide: true,
          cell: (test) => (
            <>
              <Link to="/tests/$testId" params={{ testId: test.id }} style={{ fontWeight: 600 }}>
                {test.name}
              </Link>
              <div className="muted small">{probes(test)}</div>
            </>
          ),
        },
        { key: 'state', label: 'State', place: 'beside', cell: (test) => <TestState test={test} /> },
        {
          key: 'verdicts',
          label: 'Verdicts',
          place: 'below',
          cell: (test) => <Verdicts test={test} />,
        },
        { key: 'targets', label: 'Targets', cell: ({ targets }) => targetWords(targets) },
        { key: 'agents', label: 'Agents', cell: (test) => <AgentsCell test={test} /> },
        {
          key: 'interval',
          label: 'Every',
          numeric: true,
          minor: true,
          cell: ({ interval }) => intervalWords(interval),
        },
        { key: 'results', label: 'Results', numeric: true, cell: ({ resultCount }) => formatValue(resultCount) },
        ...(mayEdit
          ? [
              {
                key: 'actions',
                label: '',
                numeric: true,
                cell: (test: Test) => <TestActions test={test} compact />,
              },
            ]
          : []),
      ]}
    />
  );
}

/** The verdicts of its targets; for a test that does not run, the last ones. */
function Verdicts({ test: { state, verdicts, waiting } }: { readonly test: Test }) {
  return (
    <>
      <VerdictBar counts={{ ...verdicts, waiting }} />
      {state !== 'running' && (
        <span className="muted small">{hasVerdicts(verdicts) ? 'last verdicts' : 'none yet'}</span>
      )}
    </>
  );
}

const hasVerdicts = (verdicts: Test['verdicts']): boolean => Object.values(verdicts).some((count) => count > 0);

function targetWords(targets: Test['targets']): string {
  const [first, second] = targets;
  if (first === undefined) return '–';
  if (second === undefined) return first.address;
  return targets.length === 2
    ? `${first.address}, ${second.address}`
    : `${first.address} and ${targets.length - 1} more`;
}

/** The number of its agents, and a sign where something prevents them from running it. */
function AgentsCell({ test: { assigned, warnings } }: { readonly test: Test }) {
  const online = assigned.filter((agent) => agent.online).length;
  return (
    <span className="row nowrap" style={{ gap: '0.35rem', flexWrap: 'nowrap' }}>
      {assigned.length === 0 ? <span className="muted">none</span> : `${online} of ${assigned.length} online`}
      <WarningSign warnings={warnings} />
    </span>
  );
}
