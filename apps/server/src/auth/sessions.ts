import { roleSchema } from '@netsonde/protocol/api';
import type { Caller } from './caller.ts';
import { noted } from './noted.ts';
import type { AuthParts } from './parts.ts';
import { hashOf, newSecret } from './secrets.ts';

const HOUR_MS = 3_600_000;
/** Idle time after which a session ends, ms. */
export const IDLE_MS = 12 * HOUR_MS;
/** Most lifetime of a session after sign-in, ms. */
export const ABSOLUTE_MS = 7 * 24 * HOUR_MS;
const TOUCH_EVERY_MS = 60_000;

export interface NewSession {
  /** Value of the cookie. Only its hash is stored. */
  readonly secret: string;
  readonly csrf: string;
}

/** Creates a session. `replaced`: the secret of the same browser's previous session, which ends. */
export async function startSession(
  { db, now, least = now }: AuthParts,
  userId: number,
  replaced = '',
): Promise<NewSession> {
  const at = now();
  const session = { secret: newSecret(), csrf: newSecret() };
  await db
    .deleteFrom('user_session')
    .where('expires_at', '<=', least() ?? 0)
    .execute();
  if (replaced !== '') await endSession({ db, now }, hashOf(replaced));
  await db
    .insertInto('user_session')
    .values({
      id_hash: hashOf(session.secret),
      user_id: userId,
      csrf: session.csrf,
      created_at: at,
      last_used_at: at,
      expires_at: at + ABSOLUTE_MS,
    })
    .execute();
  return session;
}

/** The user of a session cookie, with the current role. null: unknown, revoked or expired. Only a `touch` counts as use. */
export async function findSession(
  { db, now, least = now }: AuthParts,
  secret: string,
  touch = true,
): Promise<Caller | null> {
  const sessionHash = hashOf(secret);
  const row = await db
    .selectFrom('user_session')
    .innerJoin('user', 'user.id', 'user_session.user_id')
    .select(['user.id as userId', 'user.username as name', 'user.role', 'csrf', 'last_used_at', 'expires_at'])
    .where('id_hash', '=', sessionHash)
    .executeTakeFirst();
  if (row === undefined) return null;
  const at = now();
  const hasExpired = (ms: number) => ms >= row.expires_at || ms - row.last_used_at >= IDLE_MS;
  if (hasExpired(at)) {
    // A clock that is ahead for a while signs nobody out for good.
    if (hasExpired(least() ?? 0)) await endSession({ db, now }, sessionHash);
    return null;
  }
  if (touch && at - row.last_used_at >= TOUCH_EVERY_MS)
    await noted(db.updateTable('user_session').set({ last_used_at: at }).where('id_hash', '=', sessionHash).execute());
  return {
    kind: 'user',
    userId: row.userId,
    name: row.name,
    role: roleSchema.parse(row.role),
    csrf: row.csrf,
    sessionHash,
  };
}

export async function endSession({ db }: AuthParts, sessionHash: string): Promise<void> {
  await db.deleteFrom('user_session').where('id_hash', '=', sessionHash).execute();
}

/** Ends all sessions of a user except `exceptHash`. */
export async function endSessionsOf({ db }: AuthParts, userId: number, exceptHash = ''): Promise<void> {
  await db.deleteFrom('user_session').where('user_id', '=', userId).where('id_hash', '!=', exceptHash).execute();
}
