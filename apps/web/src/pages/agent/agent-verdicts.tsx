import type { Agent } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { seriesStatesQuery } from '../../api/series-states.ts';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { VerdictBar } from '../../components/verdict-bar.tsx';

/** The verdicts of what an agent measures in the running tests. */
export function AgentVerdicts({ agent: { id } }: { readonly agent: Agent }) {
  const { data, error, refetch } = useQuery(seriesStatesQuery({ agent: id }, 1));
  return (
    <Panel title="Verdicts" note="Running tests: each check and target of this agent now">
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      <VerdictBar counts={data?.counts ?? NO_SERIES} listed={{ agent: id }} />
    </Panel>
  );
}

const NO_SERIES = { up: 0, degraded: 0, down: 0, unknown: 0, waiting: 0 } as const;
