import type { Agent, ListeningAgent } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { listeningAgentsQuery, removeListeningAgent } from '../../api/fleet-keys.ts';
import { Ago } from '../../components/ago.tsx';
import { Panel } from '../../components/panel.tsx';
import { RemovableTable } from '../../components/removable-table.tsx';

const STATE_WORDS: Readonly<Record<ListeningAgent['state'], string>> = {
  connected: 'connected',
  dialling: 'dialling',
  waiting: 'waits to try again',
};

/** Agents that this server dials, with their last error; hidden while there are none. */
export function ListeningAgents({ agents }: { readonly agents: readonly Agent[] }) {
  const { data: listening = [] } = useQuery(listeningAgentsQuery);
  if (listening.length === 0) return null;
  return (
    <Panel title="Agents that listen" note="This server dials them" flush>
      <RemovableTable
        caption="Agents that this server dials"
        rows={listening}
        empty={null}
        columns={[
          { key: 'url', label: 'Address', cell: ({ url }) => <span className="mono">{url}</span> },
          { key: 'agent', label: 'Answered by', cell: ({ agent }) => <Answerer id={agent} agents={agents} /> },
          { key: 'state', label: 'State', wide: true, place: 'below', cell: (one) => <State one={one} /> },
        ]}
        verb="Remove"
        label={({ url }) => `Dial ${url} no more`}
        question={({ url }) => `Dial ${url} no more?`}
        afterwards={() => AFTERWARDS}
        remove={({ id }) => removeListeningAgent(id)}
        queryKey={listeningAgentsQuery.queryKey}
      />
    </Panel>
  );
}

const AFTERWARDS =
  'The agent there continues to measure and keeps its results until a server reads them. It stays enrolled: enter its address again to connect to it.';

function Answerer({ id, agents }: { readonly id: number | null; readonly agents: readonly Agent[] }) {
  if (id === null) return <span className="muted">nobody yet</span>;
  return (
    <Link to="/agents/$agentId" params={{ agentId: id }}>
      {agents.find((agent) => agent.id === id)?.name ?? `agent ${id}`}
    </Link>
  );
}

function State({ one: { state, lastError, lastErrorAt } }: { readonly one: ListeningAgent }) {
  return (
    <>
      {STATE_WORDS[state]}
      {state !== 'connected' && lastError !== null && (
        <div className="muted small">
          {lastError} (<Ago at={lastErrorAt} />)
        </div>
      )}
    </>
  );
}
