import { Button } from '@mantine/core';
import type { Agent } from '@netsonde/protocol/api';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { agentsQuery, enrolmentTokensQuery } from '../../api/agents.ts';
import { listeningAgentsQuery } from '../../api/fleet-keys.ts';
import { useMay } from '../../api/session.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { labelText } from '../../components/label-text.ts';
import { Page, PageRoom } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFilter } from '../../components/use-filter.tsx';
import { AgentTable } from './agent-table.tsx';
import { EnrolDialog } from './enrol-dialog.tsx';
import { EnrolmentTokens } from './enrolment-tokens.tsx';
import { ListeningAgents } from './listening-agents.tsx';

/** The searchable text of an agent. */
const textOf = ({ name, labels, address, status }: Agent): string =>
  [name, labelText(labels), address, status].join(' ');

/** All agents and their state. New agents are added on this page. */
export function AgentsPage() {
  const agents = useQuery(agentsQuery);
  const mayAdd = useMay('admin');
  const listening = useQuery({ ...listeningAgentsQuery, enabled: mayAdd });
  const tokens = useQuery({ ...enrolmentTokensQuery, enabled: mayAdd });
  const waiting = agents.isPending || (mayAdd && (listening.isPending || tokens.isPending));
  const [adding, setAdding] = useState(false);
  const { rows, field, narrowed } = useFilter(agents.data, textOf, 'Find an agent');
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add an agent
    </Button>
  );
  return (
    <Page title="Agents" subtitle="The hosts that measure" actions={mayAdd && add}>
      {agents.isError && <ProblemNotice error={agents.error} retry={() => void agents.refetch()} />}
      {waiting ? (
        <PageRoom />
      ) : (
        <>
          <Panel title="All agents" actions={field} flush>
            <AgentTable
              agents={rows}
              empty={
                narrowed ? (
                  <EmptyState title="No agent has these words in its name, labels, address or status" />
                ) : (
                  <EmptyState title="No agent has been added yet">
                    <p>
                      An agent is a small program on any host. It measures what its host can reach and reports here.
                    </p>
                    {mayAdd ? add : <p>Ask an admin to add one.</p>}
                  </EmptyState>
                )
              }
            />
          </Panel>
          {mayAdd && <ListeningAgents agents={agents.data ?? []} />}
          {mayAdd && <EnrolmentTokens />}
        </>
      )}
      <EnrolDialog opened={adding} onClose={() => setAdding(false)} />
    </Page>
  );
}
