import type { Finding } from '../contract/outcome.ts';
import { headerOf } from '../net/http1/header-lookup.ts';
import type { HttpOptions } from './descriptor.ts';
import { isSecretHeader, splitHeader } from './header-option.ts';
import type { Head, Hop } from './observation.ts';
import { shownUrl } from './origin.ts';

/** One request to make. */
export interface Asked {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly body: string;
  /** Headers beside those of the options: name, value, name, value ... */
  readonly extra: readonly string[];
  /** A redirect led to another origin, so credentials are left out. */
  readonly abroad: boolean;
}

/** The headers of a request, name, value, name, value ... */
export function requestHeaders(
  asked: Asked,
  options: HttpOptions,
  keepAlive: boolean,
  cookies: readonly SentCookie[],
): string[] {
  const given = withCookies(givenHeaders(asked, options), cookies);
  const has = (name: string) => given.some((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  const list = has('host') ? [] : ['Host', asked.url.host];
  if (!has('user-agent')) list.push('User-Agent', 'netsonde');
  if (!has('accept')) list.push('Accept', '*/*');
  if (!has('accept-encoding')) list.push('Accept-Encoding', options.compression ? 'gzip, deflate, br' : 'identity');
  list.push(...given, ...asked.extra, 'Connection', keepAlive ? 'keep-alive' : 'close');
  if (asked.method === 'POST') list.push('Content-Length', String(Buffer.byteLength(asked.body)));
  return list;
}

function givenHeaders({ abroad }: Asked, { headers }: HttpOptions): string[] {
  return headers.flatMap((line) => {
    const [name, value] = splitHeader(line);
    return abroad && isSecretHeader(name) ? [] : [name, value];
  });
}

/** A cookie as it is sent. */
export interface SentCookie {
  readonly name: string;
  readonly value: string;
}

/**
 * One Cookie header of the owner's cookies and those set in this run. The latter replace the owner's of the same name.
 */
function withCookies(given: readonly string[], cookies: readonly SentCookie[]): readonly string[] {
  if (cookies.length === 0) return given;
  const isCookie = (index: number) => given[index - (index % 2)]?.toLowerCase() === 'cookie';
  const own = given.filter((_, index) => index % 2 === 1 && isCookie(index)).flatMap((value) => value.split(/; */));
  const kept = own.filter((pair) => !cookies.some(({ name }) => pair.startsWith(`${name}=`)));
  const pairs = [...kept, ...cookies.map(({ name, value }) => `${name}=${value}`)];
  return [...given.filter((_, index) => !isCookie(index)), 'Cookie', pairs.join('; ')];
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The request that an answer leads to; null when the answer is the final one, a finding when the redirect is invalid.
 * Source: RFC 9110 sections 15.4.2 to 15.4.9 (a POST becomes a GET at 301, 302 and 303; 307 and 308 keep the method).
 */
export function nextAfter(
  asked: Asked,
  head: Head,
  before: readonly Pick<Hop, 'url'>[],
  { maxRedirects }: HttpOptions,
): Asked | Finding | null {
  const location = headerOf(head.rawHeaders, 'location');
  if (!REDIRECTS.has(head.status) || location === undefined || location === '') return null;
  const from = `${asked.method} ${shownUrl(asked.url.href)}`;
  const url = locationOf(location, asked.url);
  if (url === null)
    return {
      cause: 'protocol_violation',
      side: 'target',
      operation: `${from}: cannot follow ${head.status} to ${JSON.stringify(location.slice(0, 200))}`,
    };
  if (before.length >= maxRedirects + 1) return tooMany(`${from}: ${head.status}`, url, before, maxRedirects);
  const toGet = asked.method === 'POST' && head.status < 304;
  return {
    url,
    method: toGet ? 'GET' : asked.method,
    body: toGet ? '' : asked.body,
    extra: [],
    abroad: asked.abroad || url.origin !== asked.url.origin,
  };
}

/** A chain that reaches an address twice is a loop. Any other chain only exceeds this program's limit. */
function tooMany(what: string, next: URL, before: readonly Pick<Hop, 'url'>[], maxRedirects: number): Finding {
  if (before.some(({ url }) => url === next.href))
    return {
      cause: 'redirect_loop',
      side: 'target',
      operation: `${what} to ${shownUrl(next.href)} again, after ${maxRedirects} redirects`,
    };
  return {
    cause: 'local_resource',
    side: 'agent',
    operation: `${what} after ${maxRedirects} redirects, the most that are followed (the option maxRedirects)`,
  };
}

/** @param location a byte per character. Bytes beyond ASCII are percent-encoded as they are, whatever their charset. */
function locationOf(location: string, base: URL): URL | null {
  const ascii = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  if (!URL.canParse(ascii, base.href)) return null;
  const url = new URL(ascii, base);
  url.username = '';
  url.password = '';
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}
