import { canonical6 } from './canonical-address.ts';
import { parseTarget } from './parse-target.ts';
import type { TargetGrammar } from './target.ts';

/**
 * One text for all ways to write a target: two texts with the same one are measured alike. Names in lower case and
 * without their last dot, IPv6 addresses as RFC 5952 writes them, letters beyond ASCII as in queries, ports where the
 * grammar has one. Paths of URLs stay as they are; their fragments are never sent.
 * @throws TargetError
 */
export function normalTarget(grammar: TargetGrammar, text: string): string {
  const { host, port, url } = parseTarget(grammar, text);
  if (url !== undefined) return normalUrl(url);
  const normal = normalHost(host);
  return port === undefined ? normal : `${normal.includes(':') ? `[${normal}]` : normal}:${port}`;
}

function normalUrl(text: string): string {
  const url = new URL(text);
  url.hash = '';
  if (!url.hostname.startsWith('[')) url.hostname = normalHost(url.hostname);
  return url.href;
}

function normalHost(host: string): string {
  if (!host.includes(':')) return withoutDot(host.toLowerCase());
  const [address = '', zone] = host.split('%');
  return zone === undefined ? canonical6(address) : `${canonical6(address)}%${zone}`;
}

/** A name of one label and a dot is another one than without it: resolvers add their domain to the latter. */
const withoutDot = (name: string): string => (/\..*\.$/.test(name) ? name.slice(0, -1) : name);
