import type { Agent } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { agentQuery } from '../../api/agents.ts';
import { useMay } from '../../api/session.ts';
import { Ago } from '../../components/ago.tsx';
import { LedgerPanel } from '../../components/ledger-panel.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { agentStatus, StatusMark } from '../../components/status-mark.tsx';
import { spanWords } from '../../components/time-words.ts';
import { useNow } from '../../components/use-now.ts';
import { AgentActions } from './agent-actions.tsx';
import { AgentFigures } from './agent-figures.tsx';
import { AgentLabels } from './agent-labels.tsx';
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
      beside={agent && <StatusMark status={agentStatus(agent)} />}
      subtitle={
        agent && (
          <span>
            <LastSeen agent={agent} />, enrolled <Ago at={agent.enrolledAt} />
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

function LastSeen({ agent: { silent, lastSeenAt } }: { readonly agent: Agent }) {
  const now = useNow();
  if (silent && lastSeenAt !== null) return <>No word for {spanWords(now - Date.parse(lastSeenAt))}</>;
  return (
    <>
      Last seen <Ago at={lastSeenAt} />
    </>
  );
}
