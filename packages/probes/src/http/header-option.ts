/** The grammar of header options, shared by the schema and the run. Pure. */
import { CREDENTIAL_NAME } from './origin.ts';

/** `Name: value`: a token, a colon, and a value without control characters. Source: RFC 9110 sections 5.1 and 5.5 */
export const HEADER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t ]*[\t -~\u0080-\u00ff]*$/;

/** `Name`, or `Name: text`. */
export const HEADER_EXPECTATION = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(:[\t -~\u0080-\u00ff]*)?$/;

/** Headers that the probe itself must set, so that the request is well formed. */
const OWN = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);

/** Headers that must not follow a redirect to another server. */
const SECRETS = new Set(['authorization', 'proxy-authorization', 'cookie', 'host']);

/**
 * Headers whose values are not secret, in lower case. Any other header may carry a credential, so its value is hidden
 * from users who may only view.
 */
export const OPEN_HEADERS: readonly string[] = Object.freeze([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'dnt',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'origin',
  'pragma',
  'prefer',
  'priority',
  'range',
  'user-agent',
]);

/** Splits `Name: value`; the value without the blanks around it. */
export function splitHeader(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** Whether a header may be given as an option. */
export const isOwnHeader = (line: string): boolean => OWN.has(splitHeader(line)[0].toLowerCase());

/** Whether a header is meant for the target's own server alone: by its name, or because it looks like a credential. */
export const isSecretHeader = (name: string): boolean => SECRETS.has(name.toLowerCase()) || CREDENTIAL_NAME.test(name);
