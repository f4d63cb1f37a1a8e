import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiTokensQuery, deleteApiToken } from '../../api/access.ts';
import { Ago } from '../../components/ago.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { TokenTable } from '../../components/token-table.tsx';
import { ApiTokenDialog } from './api-token-dialog.tsx';

/** Tokens for programs that use the API. */
export function ApiTokens() {
  const tokens = useQuery(apiTokensQuery);
  const [adding, setAdding] = useState(false);
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
      <TokenTable
        caption="API tokens"
        tokens={tokens.data}
        empty={
          <EmptyState title="No program has a token">
            <p>Make one to read results or change tests from a script.</p>
          </EmptyState>
        }
        remove={deleteApiToken}
        queryKey={apiTokensQuery.queryKey}
        afterwards={(name) => `Programs that use “${name}” are refused from now on.`}
        columns={[
          { key: 'role', label: 'Role', cell: ({ role }) => role },
          { key: 'used', label: 'Last used', numeric: true, cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} /> },
          { key: 'ends', label: 'Ends', numeric: true, cell: ({ expiresAt }) => <Ago at={expiresAt} /> },
        ]}
      />
      <ApiTokenDialog opened={adding} onClose={() => setAdding(false)} />
    </Panel>
  );
}
