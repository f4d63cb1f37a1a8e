import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { agentQuery } from '../../api/agents.ts';
import { useMay } from '../../api/session.ts';
import { Ago } from '../../components/ago.tsx';
import { LedgerPanel } from '../../components/ledger-panel.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { AgentStatus } from '../../components/status-mark.tsx';
import { AgentActions } from './agent-actions.tsx';
import { AgentFigures } from './agent-figures.tsx';
import { AgentLabels } from './agent-labels.tsx';
import { AgentVerdicts } from './agent-verdicts.tsx';
import { AgentWarnings } from './agent-warnings.tsx';
import { Capabilities } from './capabilities.tsx';
import { RefusedRuns } from './refused-runs.tsx';
import { SystemFacts } from './system-facts.tsx';

/** One agent: its host, what it can measure, and what became of every expected run. */
export function AgentPage() {
  const { agentId } = useParams({ from: '/signed-in/agents/$agentId' });
  const { data: agent, error, refetch } = useQuery(agentQuery(agentId));
  const mayEdit = useMay('editor');
  if (error === null && agent === undefined) return <PageRoom />;
  return (
    <Page
      title={agent?.name ?? 'Agent'}
      above={<Link to="/agents">Agents</Link>}
      beside={agent && <AgentStatus agent={agent} />}
      subtitle={
        agent && (
          <span>
            Last seen <Ago at={agent.lastSeenAt} />, enrolled <Ago at={agent.enrolledAt} />
          </span>
        )
      }
      actions={mayEdit && agent && agent.status !== 'revoked' && <AgentActions agent={agent} />}
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {agent !== undefined && (
        <>
          <AgentWarnings agent={agent} />
          <AgentFigures agent={agent} />
          <AgentVerdicts agent={agent} />
          <AgentLabels agent={agent} />
          <RefusedRuns agent={agent} />
          <Capabilities agent={agent} />
          <SystemFacts agent={agent} />
          <LedgerPanel agent={agentId} />
        </>
      )}
    </Page>
  );
}
