import { useQuery } from '@tanstack/react-query';
import { sessionQuery, useMay } from '../../api/session.ts';
import { Page } from '../../components/page.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { OwnPassword } from './own-password.tsx';
import { Users } from './users.tsx';

/** One's own password; for admins also people and programs. */
export function SettingsPage() {
  const { data: session } = useQuery(sessionQuery);
  const isAdmin = useMay('admin');
  return (
    <Page title="Settings" subtitle={session && `Signed in as ${session.username} (${session.role})`}>
      {isAdmin && <Users ownName={session?.username} />}
      {isAdmin && <ApiTokens />}
      <OwnPassword />
    </Page>
  );
}
