import { type AttemptKeys, FailedAttempts } from './attempts.ts';
import { networkOf } from './client-network.ts';

/** Most failures in a quarter of an hour: of one name from one network, from one network, of one name ... */
const LIMITS = Object.freeze({ pair: 5, network: 30, name: 100, setup: 5, password: 5, device: 10 });

/** The shared count of failed attempts for passwords and set-up tokens. */
export const attemptsToGetIn = (now: () => number): FailedAttempts => new FailedAttempts(LIMITS, now);

/** The keys that a sign-in counts against. */
export function signInKeys(ip: string, username: string): AttemptKeys {
  const network = networkOf(ip);
  const name = username.toLowerCase();
  return { pair: `${network} ${name}`, network, name };
}

/** The key of a sign-in in a browser in which the same user signed in before: only the browser. */
export const deviceKeys = (device: string): AttemptKeys => ({ device });

/** The keys that an attempt with a set-up token counts against. */
export function setupKeys(ip: string): AttemptKeys {
  const network = networkOf(ip);
  return { setup: network, network };
}

/** The keys that an attempt with the own password counts against, so that a stolen session cannot guess it. */
export const ownPasswordKeys = (userId: number): AttemptKeys => ({ password: String(userId) });
