import { type AttemptKeys, FailedAttempts } from './attempts.ts';
import { networkOf } from './client-network.ts';

/** Most failures in a quarter of an hour: of one name from one network, from one network, of one name ... */
const LIMITS = Object.freeze({ pair: 5, network: 30, name: 100, setup: 5, password: 5, device: 10 });

/** The one count of failed attempts that all ways to try a password or a set-up token share. */
export const attemptsToGetIn = (now: () => number): FailedAttempts => new FailedAttempts(LIMITS, now);

/** Whom a sign-in counts against. */
export function signInKeys(ip: string, username: string): AttemptKeys {
  const network = networkOf(ip);
  const name = username.toLowerCase();
  return { pair: `${network} ${name}`, network, name };
}

/** Whom a sign-in in a browser counts against in which the same user signed in before: the browser alone. */
export const deviceKeys = (device: string): AttemptKeys => ({ device });

/** Whom a try of the set-up token counts against. */
export function setupKeys(ip: string): AttemptKeys {
  const network = networkOf(ip);
  return { setup: network, network };
}

/** Whom a try of a signed-in user's own password counts against: a stolen session must not be worth a password. */
export const ownPasswordKeys = (userId: number): AttemptKeys => ({ password: String(userId) });
