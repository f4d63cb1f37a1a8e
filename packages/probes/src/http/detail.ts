import type { Json, Outcome } from '../contract/outcome.ts';
import type { Hop, Transaction } from './observation.ts';
import { shownUrl } from './origin.ts';
import { serverTimings } from './server-timing.ts';

const MOST_HEADERS = 64;
const MOST_CHARACTERS = 512;

/** Values that are credentials. */
const SECRET = new Set([
  'set-cookie',
  'authorization',
  'www-authenticate',
  'proxy-authenticate',
  'authentication-info',
]);
/**
 * Headers that change with every run without information. They are left out, since unchanged details are stored only
 * once.
 */
const PASSING = new Set([
  'date',
  'age',
  'server-timing',
  'cf-ray',
  'x-request-id',
  'x-amz-cf-id',
  'x-azure-ref',
  'x-timer',
  'keep-alive',
]);

/** The results of the first request that metrics cannot hold. */
export function detailOf({ hops }: Transaction): Outcome['detail'] {
  const last = hops.at(-1);
  if (last === undefined) return {};
  const { connection, head, failedAttempts, attempts } = last;
  const timings = head === null ? [] : serverTimings(head.rawHeaders);
  return {
    final_url: shownUrl(last.url),
    ...(connection === null ? {} : { address: connection.address }),
    ...(failedAttempts.length === 0
      ? {}
      : { failed_attempts: failedAttempts.map(({ address, error }) => ({ address, error })) }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(hops.length < 2 ? {} : { redirects: hops.slice(0, -1).map(redirectOf) }),
    ...(connection?.tls == null ? {} : { tls: tlsOf(connection.tls) }),
    ...(head === null || head.irregularities.size === 0 ? {} : { irregularities: [...head.irregularities].sort() }),
    ...(timings.length === 0 ? {} : { server_timing: timings.map(({ name }) => name) }),
    ...(head === null ? {} : { headers: headersOf(head.rawHeaders) }),
  };
}

function redirectOf({ url, head, connection, endMs }: Hop): Json {
  return {
    url: shownUrl(url),
    status: head?.status ?? null,
    address: connection?.address ?? null,
    ended_ms: round(endMs),
  };
}

function tlsOf({
  protocol,
  cipher,
  issuer,
  notAfterMs,
  fault,
}: NonNullable<NonNullable<Hop['connection']>['tls']>): Json {
  return {
    protocol,
    cipher,
    issuer,
    not_after: notAfterMs === null ? null : new Date(notAfterMs).toISOString(),
    ...(fault === null ? {} : { fault }),
  };
}

function headersOf(rawHeaders: readonly string[]): Json {
  const shown: Record<string, string> = {};
  for (let at = 0, kept = 0; at + 1 < rawHeaders.length && kept < MOST_HEADERS; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (PASSING.has(name)) continue;
    const value = shownValue(name, rawHeaders[at + 1] ?? '');
    shown[name] = name in shown ? `${shown[name]}, ${value}`.slice(0, MOST_CHARACTERS) : value;
    kept += 1;
  }
  return shown;
}

function shownValue(name: string, value: string): string {
  if (name === 'set-cookie') return `${value.split('=')[0]?.slice(0, 64) ?? ''}=left-out`;
  if (SECRET.has(name)) return `${value.split(' ')[0] ?? ''} left-out`;
  return (name === 'location' ? shownUrl(value) : value).slice(0, MOST_CHARACTERS);
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
