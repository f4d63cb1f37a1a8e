import type { ParsedHead } from './head.ts';
import { headerListOf, headerValuesOf } from './header-lookup.ts';
import type { Irregularity } from './irregularity.ts';
import type { Violation } from './read-fault.ts';

/** Where the content of an answer ends. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until_close' };

const NONE: Framing = Object.freeze({ kind: 'none' });
const CHUNKED: Framing = Object.freeze({ kind: 'chunked' });
const UNTIL_CLOSE: Framing = Object.freeze({ kind: 'until_close' });

/**
 * Decides where the content ends.
 * Source: RFC 9112 sections 6.1 and 6.3
 */
export function framingOf(
  { status, version, rawHeaders }: ParsedHead,
  toHead: boolean,
  irregular: Set<Irregularity>,
): Framing | Violation {
  if (toHead || status === 204 || status === 304 || status < 200) return NONE;
  const codings = transferCodingsOf(rawHeaders);
  const lengths = headerValuesOf(rawHeaders, 'content-length');
  if (codings.length > 0) {
    if (version === '1.0') irregular.add('transfer_encoding_in_http_1_0');
    if (lengths.length > 0) irregular.add('content_length_beside_chunked');
    const chunked = codings.filter((coding) => coding === 'chunked').length;
    if (chunked > 1 || (chunked === 1 && codings.at(-1) !== 'chunked')) irregular.add('transfer_encoding_form');
    return codings.at(-1) === 'chunked' ? CHUNKED : UNTIL_CLOSE;
  }
  if (headerListOf(rawHeaders, 'transfer-encoding')?.toLowerCase().includes('identity') === true) {
    // No coding, but also no length: RFC 9112 has such content end with its connection, and curl reads it so.
    if (lengths.length > 0) irregular.add('transfer_encoding_form');
    return UNTIL_CLOSE;
  }
  return lengths.length === 0 ? UNTIL_CLOSE : lengthOf(lengths, irregular);
}

/** The codings of Transfer-Encoding in the order in which they were applied, in lower case; `identity` is left out. */
export function transferCodingsOf(rawHeaders: readonly string[]): string[] {
  const list = headerListOf(rawHeaders, 'transfer-encoding');
  if (list === undefined) return [];
  const codings = list.split(',').map((coding) => coding.trim().toLowerCase());
  return codings.filter((coding) => coding !== '' && coding !== 'identity');
}

/**
 * Different values make the answer unreadable; a repeated value counts once. Text after the digits is ignored, as
 * common clients do. A number beyond the safe integers counts as absent.
 */
function lengthOf(values: readonly string[], irregular: Set<Irregularity>): Framing | Violation {
  const parts = values.flatMap((value) => value.split(',')).map((part) => part.trim());
  const digits = parts.map((part) => /^\+?(\d+)/.exec(part)?.[1]);
  const [first] = digits;
  if (first === undefined || digits.includes(undefined)) return 'bad_content_length';
  const bytes = Number(first);
  if (digits.some((other) => Number(other) !== bytes)) return 'conflicting_lengths';
  if (parts.length > 1) irregular.add('content_length_repeated');
  if (parts.some((part) => !/^\d+$/.test(part))) irregular.add('content_length_form');
  if (Number.isSafeInteger(bytes)) return { kind: 'length', bytes };
  irregular.add('content_length_form');
  return UNTIL_CLOSE;
}
