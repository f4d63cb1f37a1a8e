import { whyNotAHost } from './not-a-host.ts';
import { type Target, TargetError, type TargetGrammar } from './target.ts';

const MAX_LENGTH = 253 + 2048;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/**
 * Parses a target text by a probe's grammar. A simpler grammar accepts a fuller text: from a URL, `host` reads the
 * host, and `host:port` the host and the port.
 * @throws TargetError that says what is wrong and what to write.
 */
export function parseTarget(grammar: TargetGrammar, text: string): Target {
  const trimmed = text.trim();
  if (trimmed === '') throw new TargetError(`target is empty: write ${expected(grammar)}`);
  if (trimmed.length > MAX_LENGTH)
    throw new TargetError(`target has ${trimmed.length} characters: ${MAX_LENGTH} at most`);
  if (grammar.form === 'url') return parseUrl(trimmed);
  const parts = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? partsOfUrl(trimmed) : partsOfText(trimmed, grammar);
  const host = checkHost(toAscii(parts.host), trimmed);
  if (grammar.form !== 'name') checkIsHost(host, trimmed);
  return { text: trimmed, host, ...portFor(grammar, parts.port, trimmed) };
}

interface Parts {
  readonly host: string;
  readonly port: number | undefined;
}

function parseUrl(text: string): Target {
  const { url, host, port } = readUrl(text);
  checkIsHost(checkHost(host, text), text);
  return { text, host, port, url };
}

function partsOfUrl(text: string): Parts {
  const { host, port } = readUrl(text);
  return { host, port };
}

function readUrl(text: string): { url: string; host: string; port: number } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TargetError(`target ${quote(text)} is not a URL: write it like http://host/path`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TargetError(
      `target ${quote(text)} has the scheme ${url.protocol.slice(0, -1)}: only http and https can be measured`,
    );
  if (url.username !== '' || url.password !== '')
    throw new TargetError('target holds a user name or password: give credentials as a header option, not in the URL');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { url: url.href, host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function partsOfText(text: string, grammar: TargetGrammar): Parts {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed?.[1] !== undefined) return { host: bracketed[1], port: readPort(bracketed[2], text) };
  const colons = text.split(':').length - 1;
  if (colons > 1 || grammar.form === 'name') return { host: text, port: undefined };
  const [host = '', port] = text.split(':');
  return { host, port: readPort(port, text) };
}

function readPort(text: string | undefined, whole: string): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535)
    throw new TargetError(`target ${quote(whole)} has the port ${quote(text)}: ports are 1 to 65535`);
  return port;
}

function portFor(grammar: TargetGrammar, port: number | undefined, text: string): { port?: number } {
  switch (grammar.form) {
    case 'host:port':
      if (port === undefined)
        throw new TargetError(`target ${quote(text)} has no port: write host:port or [address]:port`);
      return { port };
    case 'host[:port]':
      return { port: port ?? grammar.defaultPort };
    default:
      return {};
  }
}

function checkHost(host: string, text: string): string {
  if (isIp(host)) return checkZone(host, text);
  const labels = host.replace(/\.$/, '').split('.');
  if (host.length > 253 || !labels.every((label) => LABEL.test(label)) || looksNumeric(labels))
    throw new TargetError(`target ${quote(text)} is no host name or address`);
  return host;
}

/** One probe measures one host. The `name` grammar skips this check, since a DNS name is only queried. */
function checkIsHost(host: string, text: string): void {
  const why = isIp(host) ? whyNotAHost(host) : null;
  if (why !== null)
    throw new TargetError(`target ${quote(text)} is ${why}, not that of a host: write the name or address of one host`);
}

/**
 * Converts letters beyond ASCII to the form used in queries: `bücher.example` is xn--bcher-kva.example. Any other text
 * is returned unchanged.
 */
function toAscii(host: string): string {
  if (/^[\w.-]*$/.test(host) || !/^[\w.\-\u0080-\u{10ffff}]+$/u.test(host)) return host;
  const url = `http://${host}/`;
  const ascii = URL.canParse(url) ? new URL(url).hostname : host;
  return isIp(ascii) ? host : ascii;
}

function checkZone(address: string, text: string): string {
  if (/^fe[89ab][0-9a-f]:/i.test(address) && !address.includes('%'))
    throw new TargetError(
      `target ${quote(text)} is a link-local address and needs its interface: write ${address}%eth0`,
    );
  return address;
}

const looksNumeric = (labels: readonly string[]): boolean => /^\d+$/.test(labels.at(-1) ?? '');
const isIp4 = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) &&
  text.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part);

function isIp(text: string): boolean {
  if (isIp4(text)) return true;
  if (!text.includes(':')) return false;
  const [address = '', zone, ...more] = text.split('%');
  if (more.length > 0) return false;
  if (zone !== undefined && !/^[\w.-]{1,15}$/.test(zone)) return false;
  return URL.canParse(`http://[${address}]/`);
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);

function expected(grammar: TargetGrammar): string {
  switch (grammar.form) {
    case 'host':
      return 'a host name or address';
    case 'host:port':
      return 'host:port';
    case 'host[:port]':
      return `host or host:port (port ${grammar.defaultPort} by default)`;
    case 'name':
      return 'a DNS name';
    case 'url':
      return 'a URL like http://host/path';
  }
}
