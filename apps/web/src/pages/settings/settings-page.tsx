import { useQuery } from '@tanstack/react-query';
import { apiTokensQuery, usersQuery } from '../../api/access.ts';
import { sessionQuery, useMay } from '../../api/session.ts';
import { Page, PageRoom } from '../../components/page.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { OwnPassword } from './own-password.tsx';
import { Users } from './users.tsx';

/** One's own password; for admins also people and programs. */
export function SettingsPage() {
  const { data: session } = useQuery(sessionQuery);
  const isAdmin = useMay('admin');
  const users = useQuery({ ...usersQuery, enabled: isAdmin });
  const tokens = useQuery({ ...apiTokensQuery, enabled: isAdmin });
  const waiting = isAdmin && (users.isPending || tokens.isPending);
  return (
    <Page title="Settings" subtitle={session && `Signed in as ${session.username} (${session.role})`}>
      {waiting ? (
        <PageRoom />
      ) : (
        <>
          {isAdmin && <Users ownName={session?.username} />}
          {isAdmin && <ApiTokens />}
          <OwnPassword />
        </>
      )}
    </Page>
  );
}
