import type { SeriesState } from '@netsonde/protocol/api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useCatalog } from '../../api/catalog.ts';
import { Clipped } from '../../components/clipped.tsx';
import { ClockTime } from '../../components/clock-time.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { spanWords } from '../../components/time-words.ts';
import { useNow } from '../../components/use-now.ts';
import { VerdictMark } from '../../components/verdict-mark.tsx';
import { WhyText } from '../../components/why-text.tsx';

interface Props {
  readonly series: readonly SeriesState[];
  readonly empty: ReactNode;
}

/** Series with who measures what, since when each has its verdict, and why. */
export function SeriesTable({ series, empty }: Props) {
  const catalog = useCatalog();
  return (
    <DataTable
      caption="Series"
      bounded
      rows={series}
      rowKey={({ agent, check, target }) => `${agent}/${check}/${target}`}
      empty={empty}
      columns={[
        {
          key: 'target',
          label: 'Target',
          wide: true,
          cell: ({ address, probe }) => (
            <>
              <b style={{ overflowWrap: 'anywhere' }}>{address}</b>
              <div className="muted small">{catalog.find(({ id }) => id === probe)?.label ?? probe}</div>
            </>
          ),
        },
        { key: 'verdict', label: 'Verdict', place: 'beside', cell: ({ verdict }) => <VerdictMark verdict={verdict} /> },
        {
          key: 'agent',
          label: 'Agent',
          cell: ({ agent, agentName }) => (
            <Link to="/agents/$agentId" params={{ agentId: agent }}>
              <Clipped text={agentName} />
            </Link>
          ),
        },
        {
          key: 'test',
          label: 'Test',
          cell: ({ test, testName }) => (
            <Link to="/tests/$testId" params={{ testId: test }}>
              <Clipped text={testName} />
            </Link>
          ),
        },
        { key: 'why', label: 'Why', place: 'below', wide: true, cell: (state) => <WhyText state={state} /> },
        { key: 'since', label: 'Since', numeric: true, cell: (state) => <Since state={state} /> },
        {
          key: 'newest',
          label: 'Newest result',
          numeric: true,
          cell: ({ newestAt }) =>
            newestAt === null ? <span className="muted">none</span> : <ClockTime at={newestAt} />,
        },
      ]}
    />
  );
}

function Since({ state: { since, orBefore } }: { readonly state: SeriesState }) {
  const now = useNow();
  return (
    <span>
      {orBefore && 'at least '}
      <ClockTime at={since} /> <span className="muted small">({spanWords(Math.max(0, now - Date.parse(since)))})</span>
    </span>
  );
}
