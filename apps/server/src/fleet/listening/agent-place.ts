import { isIP } from 'node:net';
import { addressesWithin, guardedRange, SESSION_PATH } from '@netsonde/protocol';

/** The address that an agent listens on. */
export interface AgentPlace {
  /** URL as users enter it, http or https, without a trailing slash. */
  readonly url: string;
  readonly socketUrl: string;
}

/** Parses an address that an administrator entered. @throws Error that says what to write. */
export function parseAgentPlace(text: string): AgentPlace {
  const url = readUrl(text.trim());
  const encrypted = url.protocol === 'https:';
  if (!encrypted && url.protocol !== 'http:')
    throw new Error(
      'has no scheme that is known: write http://host:5001, or https://host:5001 where the agent has a certificate',
    );
  if (url.username !== '' || url.password !== '') throw new Error('takes no user name and no password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw new Error('takes nothing after the port');
  if (!/:\d{1,5}\/?$/.test(text.trim()))
    throw new Error('names no port: an agent listens on 5001 unless its options say otherwise');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const refusal = isIP(host) === 0 ? null : addressRefusal(host);
  if (refusal !== null) throw new Error(refusal);
  const port = url.port || (encrypted ? '443' : '80');
  const base = `${url.hostname}:${port}`;
  return { url: `${url.protocol}//${base}`, socketUrl: `${encrypted ? 'wss' : 'ws'}://${base}${SESSION_PATH}` };
}

/** Why this server never dials an address. null: it does. Also applied to each address that a name resolves to. */
export function addressRefusal(address: string): string | null {
  const within = addressesWithin(address);
  if (within.length === 0) return `${address} is no address`;
  for (const one of within) {
    const range = guardedRange(one) ?? (isMulticast(one.address) ? { what: 'no address of one host' } : null);
    const led = one.address === address ? 'is' : `leads to ${one.address},`;
    if (range !== null) return `${address} ${led} ${range.what}: this server does not dial it`;
  }
  return null;
}

function isMulticast(address: string): boolean {
  if (address.includes(':')) return /^ff/i.test(address);
  return Number(address.split('.')[0]) >= 224;
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new Error('is no URL: write it like http://192.0.2.7:5001');
  }
}
