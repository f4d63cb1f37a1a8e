import { type ApiToken, type Role, roleSchema } from '@netsonde/protocol/api';
import { iso } from '../api/instants.ts';
import type { Caller } from './caller.ts';
import { noted } from './noted.ts';
import type { AuthParts } from './parts.ts';
import { hashOf, newSecret } from './secrets.ts';

const PREFIX = 'nst_';
const TOUCH_EVERY_MS = 60_000;

interface TokenRow {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly expires_at: number | null;
}

const toInfo = (row: TokenRow): ApiToken => ({
  id: row.id,
  name: row.name,
  role: roleSchema.parse(row.role),
  createdAt: iso(row.created_at),
  lastUsedAt: row.last_used_at === null ? null : iso(row.last_used_at),
  expiresAt: row.expires_at === null ? null : iso(row.expires_at),
});

/** Creates a token. Its text is only in this result. */
export async function createApiToken(
  { db, now }: AuthParts,
  { name, role, expiresMs }: { readonly name: string; readonly role: Role; readonly expiresMs: number | null },
): Promise<ApiToken & { token: string }> {
  const token = PREFIX + newSecret();
  const row = await db
    .insertInto('api_token')
    .values({ name, role, secret_hash: hashOf(token), created_at: now(), last_used_at: null, expires_at: expiresMs })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...toInfo(row), token };
}

export async function listApiTokens({ db }: AuthParts): Promise<readonly ApiToken[]> {
  return (await db.selectFrom('api_token').selectAll().orderBy('id').execute()).map(toInfo);
}

/** false: there is no such token. */
export async function deleteApiToken({ db }: AuthParts, id: number): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('api_token').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The caller of a bearer token. null: it is unknown, deleted or expired. */
export async function findApiToken({ db, now }: AuthParts, token: string): Promise<Caller | null> {
  if (!token.startsWith(PREFIX)) return null;
  const row = await db.selectFrom('api_token').selectAll().where('secret_hash', '=', hashOf(token)).executeTakeFirst();
  const at = now();
  if (row === undefined || (row.expires_at !== null && row.expires_at <= at)) return null;
  if (row.last_used_at === null || at - row.last_used_at >= TOUCH_EVERY_MS)
    await noted(db.updateTable('api_token').set({ last_used_at: at }).where('id', '=', row.id).execute());
  return { kind: 'token', tokenId: row.id, name: row.name, role: roleSchema.parse(row.role) };
}
