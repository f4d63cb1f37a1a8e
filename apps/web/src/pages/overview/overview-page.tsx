import { formatValue } from '@netsonde/metrics';
import type { Overview } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { catalogQuery } from '../../api/catalog.ts';
import { useMay } from '../../api/session.ts';
import { overviewQuery, testsQuery } from '../../api/tests.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Coverage } from '../../components/coverage.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Stat, Stats } from '../../components/stat.tsx';
import { VerdictBar } from '../../components/verdict-bar.tsx';
import { Warning } from '../../components/warning.tsx';
import { LiveCharts } from './live-charts.tsx';
import { RecentResults } from './recent-results.tsx';

/** The state of everything. Drawn once all answers have arrived, so that nothing moves afterwards. */
export function OverviewPage() {
  const overview = useQuery(overviewQuery);
  const tests = useQuery(testsQuery);
  const catalog = useQuery(catalogQuery);
  const asked = [overview, tests, catalog];
  const failed = asked.filter(({ isError }) => isError);
  const again = () => void Promise.all(failed.map(({ refetch }) => refetch()));
  return (
    <Page title="Overview">
      {failed[0] !== undefined && <ProblemNotice error={failed[0].error} retry={again} />}
      {asked.some(({ isPending }) => isPending) ? (
        <PageRoom />
      ) : (
        <>
          {overview.data && <Figures overview={overview.data} />}
          {tests.data && <LiveCharts tests={tests.data} />}
          {overview.data && <RecentResults results={overview.data.recent} />}
        </>
      )}
    </Page>
  );
}

function Figures({ overview }: { readonly overview: Overview }) {
  const { agents, tests } = overview;
  return (
    <>
      {overview.clockProblem && <Warning>{overview.clockProblem.text}</Warning>}
      <Stats>
        <Stat label="Agents online" value={`${agents.online} of ${agents.total}`} />
        <Stat label="Targets" value={formatValue(overview.targets)} note="of the running tests" />
        <Stat label="Tests running" value={`${tests.running} of ${tests.total}`} />
        <Stat label="Results" value={formatValue(round(overview.resultsPerMinute))} note="in the last minute" />
        <Stat label="Coverage" value={<Coverage pct={overview.coveragePct} />} note="of the expected runs, 24 h" />
      </Stats>
      <NextStep overview={overview} />
      <Panel title="Verdicts" note="Running tests: each agent, check and target now. Each number leads to its list.">
        <VerdictBar counts={{ ...overview.verdicts, waiting: overview.waiting }} listed={{}} />
      </Panel>
    </>
  );
}

const round = (perMinute: number): number => (perMinute < 10 ? perMinute : Math.round(perMinute));

/** The first steps, while something is still missing. */
function NextStep({ overview }: { readonly overview: Overview }) {
  const mayAddAgents = useMay('admin');
  const mayAddTests = useMay('editor');
  if (overview.tests.total > 0) return null;
  const noAgents = overview.agents.total === 0;
  return (
    <Panel title={noAgents ? 'Add your first agent' : 'Make your first test'}>
      <EmptyState
        title={noAgents ? 'Nothing measures yet' : `${overview.agents.online} agents online, nothing to measure yet`}
      >
        <p>
          {noAgents
            ? 'An agent is a small program on any host. It measures what its host can reach and reports here.'
            : 'A test says what to measure, how often, and which agents do it.'}
        </p>
        {noAgents
          ? mayAddAgents && <ButtonLink to="/agents">Add an agent</ButtonLink>
          : mayAddTests && <ButtonLink to="/tests/new">New test</ButtonLink>}
      </EmptyState>
    </Panel>
  );
}
