import { Button } from '@mantine/core';
import type { EnrolmentTokenInfo } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteEnrolmentToken, enrolmentTokensQuery } from '../../api/agents.ts';
import { queryClient } from '../../app/query-client.ts';
import { Ago } from '../../components/ago.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';

/** Tokens that can still enrol agents; hidden while there are none. */
export function EnrolmentTokens() {
  const tokens = useQuery(enrolmentTokensQuery);
  const [leaving, setLeaving] = useState<EnrolmentTokenInfo | null>(null);
  const usable = tokens.data?.filter(({ usesLeft }) => usesLeft !== 0) ?? [];
  if (usable.length === 0) return null;
  const remove = async () => {
    if (leaving !== null) await deleteEnrolmentToken(leaving.id);
    await queryClient.invalidateQueries({ queryKey: ['enrolment-tokens'] });
  };
  return (
    <Panel title="Enrolment tokens" note="Whoever has one can add an agent" flush>
      <DataTable
        caption="Enrolment tokens"
        rows={usable}
        rowKey={({ id }) => id}
        empty={null}
        columns={[
          { key: 'name', label: 'For', cell: ({ name }) => name },
          { key: 'uses', label: 'Uses left', numeric: true, cell: ({ usesLeft }) => usesLeft ?? 'any number' },
          { key: 'made', label: 'Made', numeric: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
          { key: 'expires', label: 'Ends', numeric: true, cell: ({ expiresAt }) => <Ago at={expiresAt} /> },
          {
            key: 'actions',
            label: '',
            numeric: true,
            cell: (token) => (
              <Button
                size="xs"
                variant="default"
                aria-label={`Delete the token ${token.name}`}
                onClick={() => setLeaving(token)}
              >
                Delete
              </Button>
            ),
          },
        ]}
      />
      <ConfirmDialog
        title="Delete the token?"
        action="Delete"
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={remove}
      >
        “{leaving?.name}” can no longer enrol agents. Agents that it has enrolled stay.
      </ConfirmDialog>
    </Panel>
  );
}
