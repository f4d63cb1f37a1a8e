import { useQuery } from '@tanstack/react-query';
import { apiTokensQuery, usersQuery } from '../../api/access.ts';
import { serverClockQuery } from '../../api/clock.ts';
import { serverKeyQuery } from '../../api/fleet-keys.ts';
import { sessionQuery, useMay } from '../../api/session.ts';
import { Page, PageRoom } from '../../components/page.tsx';
import { RoleNeeded } from '../../components/role-needed.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { ClockPanel } from './clock-panel.tsx';
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
  const clock = useQuery({ ...serverClockQuery, enabled: isAdmin });
  const waiting = isAdmin && [users, tokens, key, clock].some(({ isPending }) => isPending);
  return (
    <Page title="Settings" subtitle={session && `Signed in as ${session.username} (${session.role})`}>
      {waiting ? (
        <PageRoom />
      ) : (
        <>
          {isAdmin && <Users ownName={session?.username} />}
          {isAdmin && <ApiTokens />}
          {isAdmin && <ServerKey />}
          {isAdmin && <ClockPanel />}
          <OwnPassword />
          {!isAdmin && (
            <RoleNeeded title="For admins" least="admin" what="look after people, API tokens and the server's key" />
          )}
        </>
      )}
    </Page>
  );
}
