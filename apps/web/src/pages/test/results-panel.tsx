import { Button, NativeSelect } from '@mantine/core';
import type { Verdict } from '@netsonde/probes/catalog';
import { VERDICTS } from '@netsonde/probes/catalog';
import type { Result, Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { exportAddress, resultsQuery } from '../../api/tests.ts';
import { useRefetchOnResults } from '../../api/use-live-results.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { VERDICT_WORDS } from '../../components/verdict-words.ts';
import { ResultDrawer } from './result-drawer.tsx';
import { ResultTable } from './result-table.tsx';
import type { View } from './view.ts';

const PAGE = 25;
const MOST = 1000;

/** The results themselves, newest first, with everything that a run has to say of itself. */
export function ResultsPanel({ test, view: { agent, target } }: { readonly test: Test; readonly view: View }) {
  const [verdict, setVerdict] = useState<Verdict | 'all'>('all');
  const [limit, setLimit] = useState(PAGE);
  const [opened, setOpened] = useState<Result | null>(null);
  const filter = { agent, target, ...(verdict === 'all' ? {} : { verdict }) };
  const { data, error, refetch } = useQuery(resultsQuery(test.id, { ...filter, limit }));
  useRefetchOnResults(test.id, refetch);
  return (
    <Panel
      title="Results"
      note="Newest first"
      flush
      actions={
        <>
          <a className="small" href={exportAddress(test.id, 'csv', filter)} download>
            Export these
          </a>
          <NativeSelect
            size="xs"
            aria-label="Verdict"
            value={verdict}
            onChange={(event) => setVerdict(event.currentTarget.value as Verdict | 'all')}
            data={[
              { value: 'all', label: 'All verdicts' },
              ...VERDICTS.map((value) => ({ value, label: VERDICT_WORDS[value] })),
            ]}
          />
        </>
      }
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      <ResultTable
        results={data?.results}
        expected={Math.min(PAGE, Math.max(1, test.resultCount))}
        probes={test.checks.map(({ probe }) => probe)}
        open={setOpened}
        empty={
          <EmptyState
            title={verdict === 'all' ? 'No results yet' : `No result is ${VERDICT_WORDS[verdict].toLowerCase()}`}
          >
            <p>{emptyWords(test, verdict)}</p>
          </EmptyState>
        }
      />
      {data?.more === true && limit < MOST && (
        <div style={{ padding: '0.5rem 1rem 0.75rem' }}>
          <Button size="xs" variant="default" onClick={() => setLimit(Math.min(MOST, limit * 2))}>
            Show more
          </Button>
        </div>
      )}
      <ResultDrawer result={opened} close={() => setOpened(null)} />
    </Panel>
  );
}

function emptyWords({ state, assigned }: Test, verdict: string): string {
  if (verdict !== 'all') return 'Choose another verdict to see more.';
  if (state === 'scheduled') return 'The test has not started yet.';
  if (state !== 'running') return 'Start the test to measure.';
  return assigned.some(({ online }) => online)
    ? 'The first ones come within the interval.'
    : 'No agent that runs this test is online.';
}
