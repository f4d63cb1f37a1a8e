import { Button, NativeSelect } from '@mantine/core';
import { SERIES_VERDICTS, type SeriesVerdict } from '@netsonde/protocol/api';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { agentsQuery } from '../../api/agents.ts';
import { type SeriesFilter, seriesPagesQuery } from '../../api/series-states.ts';
import { testsQuery } from '../../api/tests.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { VerdictBar } from '../../components/verdict-bar.tsx';
import { SERIES_VERDICT_WORDS } from '../../components/verdict-words.ts';
import { SeriesTable } from './series-table.tsx';

/** How each planned series is now: who measures what, since when it has its verdict, and why. */
export function SeriesPage() {
  const search = useSearch({ from: '/signed-in/series' });
  const { verdict, ...others } = search;
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(seriesPagesQuery(search));
  const counts = data?.pages.at(-1)?.counts;
  return (
    <Page title="Series" subtitle={<Scope filter={others} />} actions={<VerdictChoice filter={search} />}>
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <PageRoom />}
      {counts !== undefined && (
        <Panel title="Verdicts">
          <VerdictBar counts={counts} listed={others} />
        </Panel>
      )}
      {data !== undefined && (
        <Panel title={verdict === undefined ? 'All series' : SERIES_VERDICT_WORDS[verdict]} flush>
          <SeriesTable
            series={data.pages.flatMap(({ series }) => series)}
            empty={<EmptyState title={emptyWords(verdict)} />}
          />
          {hasNextPage && (
            <div style={{ padding: '0.5rem 1rem 0.75rem' }}>
              <Button size="xs" variant="default" onClick={() => void fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </Panel>
      )}
    </Page>
  );
}

const emptyWords = (verdict: SeriesVerdict | undefined): string =>
  verdict === undefined ? 'No series is planned' : `No series is ${verdict} now`;

/** Of which test and agent the series are. */
function Scope({ filter: { test, agent } }: { readonly filter: SeriesFilter }) {
  const tests = useQuery({ ...testsQuery, enabled: test !== undefined });
  const agents = useQuery({ ...agentsQuery, enabled: agent !== undefined });
  const testName = tests.data?.find(({ id }) => id === test)?.name ?? `test ${test}`;
  const agentName = agents.data?.find(({ id }) => id === agent)?.name ?? `agent ${agent}`;
  return (
    <>
      Each agent, check and target of {test === undefined ? 'the running tests' : testName}
      {agent !== undefined && `, measured by ${agentName}`}
    </>
  );
}

function VerdictChoice({ filter }: { readonly filter: SeriesFilter }) {
  const navigate = useNavigate({ from: '/series' });
  return (
    <NativeSelect
      size="xs"
      aria-label="Verdict"
      value={filter.verdict ?? ''}
      onChange={(event) => {
        const verdict = SERIES_VERDICTS.find((one) => one === event.currentTarget.value);
        void navigate({ search: { ...filter, verdict }, replace: true });
      }}
      data={[
        { value: '', label: 'All verdicts' },
        ...SERIES_VERDICTS.map((value) => ({ value, label: SERIES_VERDICT_WORDS[value] })),
      ]}
    />
  );
}
