import { useQuery } from '@tanstack/react-query';
import { apiTokensQuery, usersQuery } from '../../api/access.ts';
import { serverKeyQuery } from '../../api/fleet-keys.ts';
import { sessionQuery, useMay } from '../../api/session.ts';
import { Page, PageRoom } from '../../components/page.tsx';
import { RoleNeeded } from '../../components/role-needed.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { OwnPassword } from './own-password.tsx';
import { ServerKey } from './server-key.tsx';
import { Users } from './users.tsx';

/** The user's own password. For admins also users, programs and the server's key. */
export function SettingsPage() {
  const { data: session } = useQuery(sessionQuery);
  const isAdmin = useMay('admin');
  const users = useQuery({ ...usersQuery, enabled: isAdmin });
  const tokens = useQuery({ ...apiTokensQuery, enabled: isAdmin });
  const key = useQuery({ ...serverKeyQuery, enabled: isAdmin });
  const waiting = isAdmin && (users.isPending || tokens.isPending || key.isPending);
  return (
    <Page title="Settings" subtitle={session && `Signed in as ${session.username} (${session.role})`}>
      {waiting ? (
        <PageRoom />
      ) : (
        <>
          {isAdmin && <Users ownName={session?.username} />}
          {isAdmin && <ApiTokens />}
          {isAdmin && <ServerKey />}
          <OwnPassword />
          {!isAdmin && (
            <RoleNeeded title="For admins" least="admin" what="look after people, API tokens and the server's key" />
          )}
        </>
      )}
    </Page>
  );
}
