import { Button } from '@mantine/core';
import type { ApiToken } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiTokensQuery, deleteApiToken } from '../../api/access.ts';
import { queryClient } from '../../app/query-client.ts';
import { Ago } from '../../components/ago.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ApiTokenDialog } from './api-token-dialog.tsx';

/** What lets programs in. */
export function ApiTokens() {
  const tokens = useQuery(apiTokensQuery);
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<ApiToken | null>(null);
  return (
    <Panel
      title="API tokens"
      note="For programs that call api/v1; each acts with its role"
      actions={
        <Button size="xs" onClick={() => setAdding(true)}>
          Make a token
        </Button>
      }
      flush
    >
      {tokens.isError && <ProblemNotice error={tokens.error} retry={() => void tokens.refetch()} />}
      <DataTable
        caption="API tokens"
        rows={tokens.data}
        rowKey={({ id }) => id}
        expectedRows={1}
        empty={
          <EmptyState title="No program has a token">
            <p>Make one to read results or change tests from a script.</p>
          </EmptyState>
        }
        columns={[
          { key: 'name', label: 'For', cell: ({ name }) => name },
          { key: 'role', label: 'Role', cell: ({ role }) => role },
          { key: 'used', label: 'Last used', numeric: true, cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} /> },
          { key: 'ends', label: 'Ends', numeric: true, cell: ({ expiresAt }) => <Ago at={expiresAt} /> },
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
      <ApiTokenDialog opened={adding} onClose={() => setAdding(false)} />
      <ConfirmDialog
        title="Delete the token?"
        action="Delete"
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={async () => {
          if (leaving !== null) await deleteApiToken(leaving.id);
          await queryClient.invalidateQueries({ queryKey: ['api-tokens'] });
        }}
      >
        Programs that use “{leaving?.name}” are refused from now on.
      </ConfirmDialog>
    </Panel>
  );
}
