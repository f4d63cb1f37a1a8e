import { useQuery } from '@tanstack/react-query';
import { deleteEnrolmentToken, enrolmentTokensQuery } from '../../api/agents.ts';
import { Ago } from '../../components/ago.tsx';
import { Panel } from '../../components/panel.tsx';
import { TokenTable } from '../../components/token-table.tsx';

/** Tokens that can still enrol agents; hidden while there are none. */
export function EnrolmentTokens() {
  const tokens = useQuery(enrolmentTokensQuery);
  const usable = tokens.data?.filter(({ usesLeft }) => usesLeft !== 0) ?? [];
  if (usable.length === 0) return null;
  return (
    <Panel title="Enrolment tokens" note="Anyone who has one can add an agent" flush>
      <TokenTable
        caption="Enrolment tokens"
        tokens={usable}
        empty={null}
        remove={deleteEnrolmentToken}
        queryKey={enrolmentTokensQuery.queryKey}
        afterwards={(name) => `“${name}” can no longer enrol agents. Agents that it has enrolled stay.`}
        columns={[
          { key: 'uses', label: 'Uses left', numeric: true, cell: ({ usesLeft }) => usesLeft ?? 'any number' },
          { key: 'made', label: 'Made', numeric: true, minor: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
          { key: 'expires', label: 'Ends', numeric: true, cell: ({ expiresAt }) => <Ago at={expiresAt} /> },
        ]}
      />
    </Panel>
  );
}
