import type { User } from '@netsonde/protocol/api';
import { ApiProblem } from '../api/problem.ts';
import type { AuthParts } from './parts.ts';
import { hashPassword } from './passwords.ts';
import { hashOf, newSecret, sameText } from './secrets.ts';
import { countUsers, insertUser } from './users.ts';

const KEY = 'setup_token_hash';

/** Whether the first admin does not exist yet. */
export async function setupNeeded({ db }: AuthParts): Promise<boolean> {
  return (await countUsers(db)) === 0;
}

/** Creates a set-up token, which invalidates earlier ones. null: there are users already. Only its hash is stored. */
export async function renewSetupToken(parts: AuthParts): Promise<string | null> {
  await parts.db.deleteFrom('setting').where('key', '=', KEY).execute();
  if (!(await setupNeeded(parts))) return null;
  const token = newSecret();
  await parts.db
    .insertInto('setting')
    .values({ key: KEY, value: hashOf(token) })
    .execute();
  return token;
}

/** Creates the first admin. The token works once. @throws ApiProblem 409 if there is one already, 403 for a wrong token. */
export async function setUp(
  parts: AuthParts,
  { token, username, password }: { readonly token: string; readonly username: string; readonly password: string },
): Promise<User> {
  await checkToken(parts, token);
  const passwordHash = await hashPassword(password);
  return parts.db.transaction().execute(async (db) => {
    const inside = { ...parts, db };
    await checkToken(inside, token);
    await db.deleteFrom('setting').where('key', '=', KEY).execute();
    return insertUser(inside, username, passwordHash, 'admin');
  });
}

async function checkToken(parts: AuthParts, token: string): Promise<void> {
  if (!(await setupNeeded(parts)))
    throw new ApiProblem(409, 'setup_done', 'This server is set up already: sign in, or ask an admin for an account.');
  const row = await parts.db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  if (row === undefined || !sameText(row.value, hashOf(token)))
    throw new ApiProblem(
      403,
      'wrong_setup_token',
      'The set-up link is wrong or an old one: use the link that the server printed at its last start.',
      {
        fields: [{ path: 'token', message: 'not the token of the last start' }],
      },
    );
}
