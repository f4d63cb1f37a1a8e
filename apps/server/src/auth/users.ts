import { type Role, roleSchema, type User } from '@netsonde/protocol/api';
import { type Kysely, sql } from 'kysely';
import { iso } from '../api/instants.ts';
import { ApiProblem, notFound } from '../api/problem.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { AuthParts } from './parts.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { endSessionsOf } from './sessions.ts';

interface UserRow {
  readonly id: number;
  readonly username: string;
  readonly role: string;
  readonly created_at: number;
}

const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  role: roleSchema.parse(row.role),
  createdAt: iso(row.created_at),
});

export async function listUsers({ db }: AuthParts): Promise<readonly User[]> {
  return (await db.selectFrom('user').selectAll().orderBy('username').execute()).map(toUser);
}

export async function countUsers(db: Kysely<ConfigSchema>): Promise<number> {
  const row = await db
    .selectFrom('user')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly role: Role;
}

/** @throws ApiProblem 409 if the name is in use. */
export async function createUser(parts: AuthParts, { username, password, role }: NewUser): Promise<User> {
  const passwordHash = await hashPassword(password);
  return parts.db.transaction().execute((db) => insertUser({ ...parts, db }, username, passwordHash, role));
}

/** Checks and inserts the name in one transaction. */
export async function insertUser(
  { db, now }: AuthParts,
  username: string,
  passwordHash: string,
  role: Role,
): Promise<User> {
  const taken = await db.selectFrom('user').select('id').where(sameName(username)).executeTakeFirst();
  if (taken !== undefined)
    throw new ApiProblem(409, 'name_taken', `There is a user ${username} already: choose another name.`);
  const row = { username, password_hash: passwordHash, role, created_at: now() };
  return toUser(await db.insertInto('user').values(row).returningAll().executeTakeFirstOrThrow());
}

/** Changes role, password or both; a new password ends the user's sessions. @throws ApiProblem 404; 409 for the last admin. */
export async function changeUser(
  parts: AuthParts,
  id: number,
  { role, password }: { readonly role?: Role | undefined; readonly password?: string | undefined },
): Promise<User> {
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  return parts.db.transaction().execute(async (db) => {
    if (role !== undefined && role !== 'admin') await keepAnAdmin(db, id);
    const changes = {
      ...(role === undefined ? {} : { role }),
      ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
    };
    if (Object.keys(changes).length > 0) await db.updateTable('user').set(changes).where('id', '=', id).execute();
    if (passwordHash !== undefined) await endSessionsOf({ ...parts, db }, id);
    const row = await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('user', id);
    return toUser(row);
  });
}

/** @throws ApiProblem 404; 409 for the last admin. */
export async function deleteUser(parts: AuthParts, id: number): Promise<void> {
  await parts.db.transaction().execute(async (db) => {
    await keepAnAdmin(db, id);
    await endSessionsOf({ ...parts, db }, id);
    const { numDeletedRows } = await db.deleteFrom('user').where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) throw notFound('user', id);
  });
}

async function keepAnAdmin(db: Kysely<ConfigSchema>, id: number): Promise<void> {
  const admins = await db.selectFrom('user').select('id').where('role', '=', 'admin').execute();
  if (admins.length === 1 && admins[0]?.id === id)
    throw new ApiProblem(409, 'last_admin', 'This is the last admin: make another user admin first.');
}

/** The user with this name and password. null: there is none, after the same time. */
export async function findByPassword({ db }: AuthParts, username: string, password: string): Promise<User | null> {
  const row = await db.selectFrom('user').selectAll().where(sameName(username)).executeTakeFirst();
  const right = await verifyPassword(password, row?.password_hash ?? null);
  return right && row !== undefined ? toUser(row) : null;
}

/** Names differ by more than case. */
export const sameName = (username: string) => sql<boolean>`lower(username) = lower(${username})`;

/** Sets a user's password; its sessions stay. */
export async function setPassword({ db }: AuthParts, id: number, password: string): Promise<void> {
  await db
    .updateTable('user')
    .set({ password_hash: await hashPassword(password) })
    .where('id', '=', id)
    .execute();
}
