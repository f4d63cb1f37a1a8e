import { createHash, createHmac } from 'node:crypto';
import type { AuthParts } from './parts.ts';
import { newSecret, sameText } from './secrets.ts';
import { sameName } from './users.ts';

export const DEVICE_COOKIE = 'netsonde_device';
/** Lifetime of a device cookie after the last sign-in, s. */
export const DEVICE_SECONDS = 180 * 86_400;
const KEY = 'device_cookie_key';

/**
 * Marks a browser in which a user signed in before: failed attempts of strangers in the same network do not count against
 * it. The cookie `user id.device.signature` grants no access, and a new password invalidates it.
 */
export async function deviceCookie(parts: AuthParts, userId: number): Promise<string | null> {
  const user = await userWith(parts, 'id', userId);
  if (user === undefined) return null;
  const device = newSecret();
  return `${user.id}.${device}.${await signature(parts, user, device)}`;
}

/** The device of a cookie issued to this user. null: this browser is unknown for the user. */
export async function knownDevice(
  parts: AuthParts,
  username: string,
  cookie: string | undefined,
): Promise<string | null> {
  const [id, device, given] = cookie?.split('.') ?? [];
  if (id === undefined || device === undefined || given === undefined) return null;
  const user = await userWith(parts, 'username', username);
  if (user === undefined || String(user.id) !== id) return null;
  return sameText(given, await signature(parts, user, device)) ? device : null;
}

interface Signed {
  readonly id: number;
  readonly password_hash: string;
}

async function signature(parts: AuthParts, { id, password_hash }: Signed, device: string): Promise<string> {
  const password = createHash('sha256').update(password_hash).digest('hex');
  return createHmac('sha256', await signingKey(parts))
    .update(`${id}.${device}.${password}`)
    .digest('base64url');
}

async function signingKey({ db }: AuthParts): Promise<string> {
  const read = () => db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  const known = await read();
  if (known !== undefined) return known.value;
  await db
    .insertInto('setting')
    .values({ key: KEY, value: newSecret() })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await read())?.value ?? '';
}

function userWith({ db }: AuthParts, column: 'id' | 'username', value: number | string): Promise<Signed | undefined> {
  const users = db.selectFrom('user').select(['id', 'password_hash']);
  return column === 'id'
    ? users.where('id', '=', Number(value)).executeTakeFirst()
    : users.where(sameName(String(value))).executeTakeFirst();
}
