import { type Role, sessionSchema, setupStateSchema, type UserSession } from '@netsonde/protocol/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { queryClient } from '../app/query-client.ts';
import { ApiError } from './api-error.ts';
import { call, nothing, rememberCsrf } from './client.ts';

/** The signed-in user; null when there is none. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<UserSession | null> => {
    try {
      return keep(await call(sessionSchema, 'session', { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return keep(null);
      throw error;
    }
  },
});

/** Whether the first admin still has to be made. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  staleTime: 60_000,
  queryFn: ({ signal }) => call(setupStateSchema, 'setup', { signal }),
});

export async function signIn(username: string, password: string): Promise<void> {
  const session = await call(sessionSchema, 'session', { method: 'POST', body: { username, password } });
  queryClient.setQueryData(sessionQuery.queryKey, keep(session));
}

/** Ends the session on the server and drops all data that was read with it. */
export async function signOut(): Promise<void> {
  await call(nothing, 'session', { method: 'DELETE' });
  dropSession();
}

/** Drops all data that was read, after a 401. */
export function dropSession(): void {
  rememberCsrf(null);
  queryClient.setQueryData(sessionQuery.queryKey, null);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
}

/** Makes the first admin with the one-time token and signs the user in. */
export async function setUp(token: string, username: string, password: string): Promise<void> {
  const session = await call(sessionSchema, 'setup', { method: 'POST', body: { token, username, password } });
  queryClient.setQueryData(setupQuery.queryKey, { needed: false });
  queryClient.setQueryData(sessionQuery.queryKey, keep(session));
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2 };

/** Whether the signed-in user has at least this role. The server decides; this only hides what it would refuse. */
export function useMay(role: Role): boolean {
  const { data } = useQuery(sessionQuery);
  return data !== undefined && data !== null && RANK[data.role] >= RANK[role];
}

function keep(session: UserSession | null): UserSession | null {
  rememberCsrf(session?.csrf ?? null);
  return session;
}
