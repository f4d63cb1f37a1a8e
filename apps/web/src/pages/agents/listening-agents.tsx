import { Button } from '@mantine/core';
import type { Agent, ListeningAgent } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { listeningAgentsQuery, removeListeningAgent } from '../../api/fleet-keys.ts';
import { queryClient } from '../../app/query-client.ts';
import { Ago } from '../../components/ago.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';

const STATE_WORDS: Readonly<Record<ListeningAgent['state'], string>> = {
  connected: 'connected',
  dialling: 'dialling',
  waiting: 'waits to try again',
};

/** Agents that this server dials, with what went wrong last; hidden while there are none. */
export function ListeningAgents({ agents }: { readonly agents: readonly Agent[] }) {
  const { data: listening = [] } = useQuery(listeningAgentsQuery);
  const [leaving, setLeaving] = useState<ListeningAgent | null>(null);
  if (listening.length === 0) return null;
  const remove = async () => {
    if (leaving !== null) await removeListeningAgent(leaving.id);
    await queryClient.invalidateQueries({ queryKey: listeningAgentsQuery.queryKey });
  };
  return (
    <Panel title="Agents that listen" note="This server dials them" flush>
      <DataTable
        caption="Agents that this server dials"
        rows={listening}
        rowKey={({ id }) => id}
        empty={null}
        columns={[
          { key: 'url', label: 'Address', cell: ({ url }) => <span className="mono">{url}</span> },
          { key: 'agent', label: 'Answered by', cell: ({ agent }) => <Answerer id={agent} agents={agents} /> },
          { key: 'state', label: 'State', wide: true, place: 'below', cell: (one) => <State one={one} /> },
          {
            key: 'actions',
            label: '',
            numeric: true,
            cell: (one) => (
              <Button
                size="xs"
                variant="default"
                aria-label={`Dial ${one.url} no more`}
                onClick={() => setLeaving(one)}
              >
                Remove
              </Button>
            ),
          },
        ]}
      />
      <ConfirmDialog
        title={`Dial ${leaving?.url ?? ''} no more?`}
        action="Remove"
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={remove}
      >
        The agent there goes on measuring and keeps its results until somebody takes them. It stays enrolled: enter its
        address again to have it back.
      </ConfirmDialog>
    </Panel>
  );
}

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
