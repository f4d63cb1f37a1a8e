import { formatValue } from '@netsonde/metrics';
import type { Overview } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useMay } from '../../api/session.ts';
import { overviewQuery } from '../../api/tests.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Coverage } from '../../components/coverage.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Stat, Stats } from '../../components/stat.tsx';
import { VerdictBar } from '../../components/verdict-bar.tsx';
import { LiveCharts } from './live-charts.tsx';
import { RecentResults } from './recent-results.tsx';

/** How everything is, at one look. */
export function OverviewPage() {
  const overview = useQuery(overviewQuery);
  const { data } = overview;
  return (
    <Page title="Overview">
      {overview.isError && <ProblemNotice error={overview.error} retry={() => void overview.refetch()} />}
      <Stats>
        <Stat label="Agents online" value={data && `${data.agents.online} of ${data.agents.total}`} />
        <Stat label="Targets" value={data && formatValue(data.targets)} note="measured now" />
        <Stat label="Tests running" value={data && `${data.tests.running} of ${data.tests.total}`} />
        <Stat label="Results" value={data && formatValue(round(data.resultsPerMinute))} note="in the last minute" />
        <Stat label="Coverage" value={data && <Coverage pct={data.coveragePct} />} note="of the expected runs, 24 h" />
      </Stats>
      <NextStep overview={data} />
      <Panel title="Verdicts" note="The latest of each agent and target">
        <VerdictBar counts={data?.verdicts ?? { up: 0, degraded: 0, down: 0, unknown: 0 }} withNumbers />
      </Panel>
      <LiveCharts />
      <RecentResults results={data?.recent} />
    </Page>
  );
}

const round = (perMinute: number): number => (perMinute < 10 ? perMinute : Math.round(perMinute));

/** What to do first, while something is still missing. */
function NextStep({ overview }: { readonly overview: Overview | undefined }) {
  const mayAddAgents = useMay('admin');
  const mayAddTests = useMay('editor');
  if (overview === undefined || overview.tests.total > 0) return null;
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
