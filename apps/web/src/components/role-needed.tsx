import type { Role } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/session.ts';
import { EmptyState } from './empty-state.tsx';
import { Panel } from './panel.tsx';

interface Props {
  readonly title: string;
  /** The lowest role that may do this. */
  readonly least: Exclude<Role, 'viewer'>;
  /** What the user's own role may not do: "make or change tests". */
  readonly what: string;
  /** A link back, where there is nothing else on the page. */
  readonly children?: ReactNode;
}

const WHO = { editor: 'Editors and admins may. Ask an admin for one of these roles.', admin: 'Admins may.' } as const;

/** Replaces what the server would refuse: says which role may do it, and where to go. */
export function RoleNeeded({ title, least, what, children }: Props) {
  const { data: session } = useQuery(sessionQuery);
  return (
    <Panel title={title}>
      <EmptyState title={`Your role, ${session?.role}, may not ${what}`}>
        <p>{WHO[least]}</p>
        {children}
      </EmptyState>
    </Panel>
  );
}
