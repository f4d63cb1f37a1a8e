import { isIP } from 'node:net';
import { isSafeValue } from '../net/http1/request-bytes.ts';
import { cookieDateMs } from './cookie-date.ts';

const MOST_COOKIES = 50;
const MOST_CHARACTERS = 4096;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** For this host only, not its subdomains. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Epoch ms; null: until the run ends. */
  readonly expiresMs: number | null;
}

/**
 * The cookies of one run. It has no list of public suffixes: domains of a single label (`com`) are refused, those of
 * several (`co.uk`) are not, as in curl without such a list. A cookie reaches only servers to which the same run is
 * redirected.
 * Source: RFC 6265 sections 5.1.3, 5.1.4 and 5.2 to 5.4
 */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Stores the cookies from the Set-Cookie headers of an answer from this URL. */
  store(url: URL, headers: readonly string[], nowMs: number): void {
    for (const header of headers) {
      const cookie = header.length > MOST_CHARACTERS || !isSafeValue(header) ? null : readCookie(header, url, nowMs);
      if (cookie === null) continue;
      const expired = cookie.expiresMs !== null && cookie.expiresMs <= nowMs;
      const known = this.#cookies.findIndex((other) => isSame(other, cookie));
      // A cookie keeps the place of the one that it replaces: they are sent in the order of their creation.
      const place = known < 0 ? this.#cookies.length : known;
      this.#cookies = this.#cookies.toSpliced(place, 1, ...(expired ? [] : [cookie])).slice(-MOST_COOKIES);
    }
  }

  /** The cookies for a URL, those with longer paths first, then those that were set first. */
  for(url: URL, nowMs: number): readonly { readonly name: string; readonly value: string }[] {
    return this.#cookies
      .filter(
        ({ expiresMs, secure, path, domain, hostOnly }) =>
          (expiresMs === null || expiresMs > nowMs) &&
          (!secure || url.protocol === 'https:') &&
          matchesPath(url.pathname, path) &&
          (hostOnly ? hostOf(url) === domain : matchesDomain(hostOf(url), domain)),
      )
      .sort((one, other) => other.path.length - one.path.length);
  }
}

const hostOf = (url: URL): string => url.hostname.toLowerCase().replace(/\.$/, '');

const isSame = (one: Cookie, other: Cookie): boolean =>
  one.name === other.name && one.domain === other.domain && one.path === other.path;

function readCookie(header: string, url: URL, nowMs: number): Cookie | null {
  const [pair = '', ...attributes] = header.split(';');
  const [name, value] = split(pair);
  if (name === '' || !pair.includes('=')) return null;
  const host = hostOf(url);
  let domain = host;
  let hostOnly = true;
  let path = defaultPath(url.pathname);
  let secure = false;
  let expires: number | null = null;
  let maxAge: number | null = null;
  for (const attribute of attributes) {
    const [key, text] = split(attribute);
    switch (key.toLowerCase()) {
      case 'domain':
        if (text === '') break;
        domain = text.replace(/^\./, '').toLowerCase();
        hostOnly = false;
        break;
      case 'path':
        path = text.startsWith('/') ? text : defaultPath(url.pathname);
        break;
      case 'secure':
        secure = true;
        break;
      case 'expires':
        expires = cookieDateMs(text) ?? expires;
        break;
      case 'max-age':
        if (/^-?\d+$/.test(text)) maxAge = Number(text);
    }
  }
  if (domain === host) hostOnly ||= !domain.includes('.') || isIP(host) !== 0;
  else if (!matchesDomain(host, domain) || !domain.includes('.')) return null;
  const expiresMs = maxAge === null ? expires : nowMs + maxAge * 1000;
  return { name, value, domain, hostOnly, path, secure, expiresMs };
}

function split(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text.trim(), ''] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** Source: RFC 6265 section 5.1.4 */
function defaultPath(pathname: string): string {
  const end = pathname.lastIndexOf('/');
  return end <= 0 ? '/' : pathname.slice(0, end);
}

const matchesPath = (pathname: string, path: string): boolean =>
  pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'));

/** Source: RFC 6265 section 5.1.3 */
const matchesDomain = (host: string, domain: string): boolean =>
  host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
