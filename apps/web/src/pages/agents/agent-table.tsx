import type { Agent } from '@netsonde/protocol/api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Ago } from '../../components/ago.tsx';
import { Coverage } from '../../components/coverage.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { hasDialFailure } from '../../components/dial-failures.ts';
import { Labels } from '../../components/labels.tsx';
import { AgentStatus } from '../../components/status-mark.tsx';
import { WarningSign } from '../../components/warning-sign.tsx';
import { CapabilitySummary } from './capability-summary.tsx';

interface Props {
  readonly agents: readonly Agent[] | undefined;
  readonly empty: ReactNode;
}

export function AgentTable({ agents, empty }: Props) {
  return (
    <DataTable
      caption="Agents"
      rows={agents}
      rowKey={({ id }) => id}
      empty={empty}
      columns={[
        {
          key: 'name',
          label: 'Name',
          cell: ({ id, name, labels }) => (
            <>
              <Link to="/agents/$agentId" params={{ agentId: id }} style={{ fontWeight: 600 }}>
                {name}
              </Link>
              <Labels labels={labels} />
            </>
          ),
        },
        {
          key: 'status',
          label: 'Status',
          place: 'beside',
          cell: (agent) => (
            <span className="row nowrap" style={{ gap: '0.35rem', flexWrap: 'nowrap' }}>
              <AgentStatus agent={agent} />
              <WarningSign warnings={signsOf(agent)} />
            </span>
          ),
        },
        {
          key: 'address',
          label: 'Address',
          minor: true,
          cell: ({ address }) => address ?? <span className="muted">not connected yet</span>,
        },
        {
          key: 'system',
          label: 'System',
          minor: true,
          cell: ({ system }) => <SystemCell system={system} />,
        },
        {
          key: 'capabilities',
          label: 'Can measure',
          cell: ({ capabilities }) => <CapabilitySummary capabilities={capabilities} />,
        },
        { key: 'checks', label: 'Checks', numeric: true, minor: true, cell: ({ assignment }) => assignment.checks },
        {
          key: 'coverage',
          label: 'Coverage 24 h',
          numeric: true,
          cell: ({ coveragePct }) => <Coverage pct={coveragePct} />,
        },
        {
          key: 'seen',
          label: 'Last seen',
          numeric: true,
          cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} />,
        },
      ]}
    />
  );
}

/** The warnings of the agent's own page. */
function signsOf({ clone, listening }: Agent): readonly string[] {
  return [
    ...(clone === null ? [] : [`A copy of it tried to connect from ${clone.address}`]),
    ...(hasDialFailure(listening) ? ['The server cannot reach it'] : []),
  ];
}

function SystemCell({ system }: Pick<Agent, 'system'>) {
  if (system === null) return '–';
  const { platform, arch, cpus } = system;
  return <span className="nowrap">{`${platform} ${arch}, ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`}</span>;
}
