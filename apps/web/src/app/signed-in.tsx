import { useQuery } from '@tanstack/react-query';
import { Navigate, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ApiError } from '../api/api-error.ts';
import { liveStream } from '../api/live.ts';
import { dropSession, sessionQuery, setupQuery } from '../api/session.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { queryClient } from './query-client.ts';
import { Shell } from './shell.tsx';

/** All pages behind the sign-in. Redirects to set-up or sign-in where no user is signed in. */
export function SignedIn() {
  const session = useQuery(sessionQuery);
  const signedOut = session.data === null;
  const setup = useQuery({ ...setupQuery, enabled: signedOut });
  const { href, pathname } = useLocation();
  useSessionEnd();
  useStream(session.data !== null && session.data !== undefined);
  if (session.isError) return <ProblemNotice error={session.error} retry={() => void session.refetch()} />;
  if (!signedOut) return session.data === undefined ? null : <Shell />;
  // Already on its way there: another redirect, with this page as its destination, would never end.
  if (setup.isPending || /\/(sign-in|setup)$/.test(pathname)) return null;
  if (setup.data?.needed === true) return <Navigate to="/setup" replace />;
  return <Navigate to="/sign-in" search={href === '/' ? {} : { next: href }} replace />;
}

/** A session that ends under an open page is noticed at the next call. */
function useSessionEnd(): void {
  useEffect(() => {
    const ended = (error: unknown) => error instanceof ApiError && error.status === 401;
    const stopQueries = queryClient.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error' && ended(event.action.error)) dropSession();
    });
    const stopChanges = queryClient.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error' && ended(event.action.error)) dropSession();
    });
    return () => {
      stopQueries();
      stopChanges();
    };
  }, []);
}

function useStream(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    liveStream.open();
    return () => liveStream.close();
  }, [wanted]);
}
