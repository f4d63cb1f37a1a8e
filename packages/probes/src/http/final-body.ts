import type { Finding } from '../contract/outcome.ts';
import { transferCodingsOf } from '../net/http1/framing.ts';
import type { ParsedHead } from '../net/http1/head.ts';
import { headerListOf, headerOf } from '../net/http1/header-lookup.ts';
import { CONTENT_LIMITS, inMiB } from './content/content-limits.ts';
import { type Decoded, decode, type TimeUp } from './content/decode.ts';
import { type BodyToJudge, type ContentFault, judgeBody } from './content/judge-body.ts';
import { judgeInThread } from './content/judge-threads.ts';
import type { HttpOptions } from './descriptor.ts';
import type { Exchanged } from './exchange.ts';
import type { Body, Hop } from './observation.ts';
import { shownUrl } from './origin.ts';

/**
 * A body up to this size, without a pattern to match, is judged in this thread, which is faster than asking another
 * one.
 */
const AT_ONCE_BYTES = 64 * 1024;
const NO_FAULTS: readonly ContentFault[] = Object.freeze([]);

/** The content of a final answer, and its faults. */
export interface BodyEnd {
  readonly body: Body;
  readonly contentFaults: readonly ContentFault[];
  readonly fault: Finding | null;
}

type Expectations = Pick<HttpOptions, 'expectBody' | 'expectBodyRegex' | 'expectJsonPath'>;

const hasConditions = ({ expectBody, expectBodyRegex, expectJsonPath }: Expectations): boolean =>
  expectBody !== '' || expectBodyRegex !== '' || expectJsonPath !== '';

/** How many bytes of an answer's content must be kept, for its conditions or to undo its codings. */
export function bytesToKeep(head: ParsedHead, options: HttpOptions): number {
  if (codingsOf(head.rawHeaders).length > 0) return CONTENT_LIMITS.codedBytes;
  return hasConditions(options) ? CONTENT_LIMITS.keptBytes : 0;
}

/** The body of an answer that is not judged, only measured. */
export function unreadBody({ encodedBytes, truncated, bytesAfterFirstRead }: Exchanged): BodyEnd {
  const body = { encodedBytes, decodedBytes: null, encoding: null, truncated, bytesAfterFirstRead };
  return { body, contentFaults: NO_FAULTS, fault: null };
}

/** The decoded and judged body of the final answer. */
export async function readBody(hop: Hop, exchanged: Exchanged, options: HttpOptions, timeUp: TimeUp): Promise<BodyEnd> {
  const { encodedBytes, truncated, bytesAfterFirstRead, content } = exchanged;
  const rawHeaders = hop.head?.rawHeaders ?? [];
  const codings = codingsOf(rawHeaders);
  const encoding = codings.length === 0 ? null : codings.join(', ').slice(0, 64);
  const end = (decodedBytes: number | null, contentFaults: readonly ContentFault[], fault: Finding | null): BodyEnd => {
    const body = { encodedBytes, decodedBytes, encoding, truncated, bytesAfterFirstRead };
    return { body, contentFaults, fault };
  };
  if (codings.length > CONTENT_LIMITS.codings) {
    const operation = `undo the content codings of ${shownUrl(hop.url)}: more than ${CONTENT_LIMITS.codings}`;
    return end(null, NO_FAULTS, { cause: 'local_resource', side: 'agent', operation });
  }
  const partial = truncated || content.length < encodedBytes;
  const decoded = codings.length === 0 ? plain(content) : await decode(codings, content, timeUp);
  if (decoded.end === 'broken' || decoded.end === 'tail') {
    const why = decoded.end === 'tail' ? 'other bytes follow the end of the gzip data' : 'they are not what it says';
    const operation = `undo Content-Encoding ${encoding} of ${shownUrl(hop.url)}: ${why}`;
    return end(null, NO_FAULTS, { cause: 'protocol_violation', side: 'target', operation });
  }
  const decodedBytes = codings.length === 0 ? encodedBytes : partial ? null : decoded.bytes;
  if (!hasConditions(options)) return end(decodedBytes, NO_FAULTS, null);
  const cut = whyCut(exchanged, decoded, options, encoding);
  return end(decodedBytes, await judge(decoded.kept, cut, rawHeaders, options, timeUp), null);
}

const plain = (content: Buffer): Decoded => ({ kept: content, bytes: content.length, end: 'whole' });

/** Codings of the content in the order in which they were applied; those of the transfer were applied last. */
function codingsOf(rawHeaders: readonly string[]): string[] {
  const names = (headerListOf(rawHeaders, 'content-encoding') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const applied = names.filter((name) => name !== '' && name !== 'identity' && name !== 'none');
  return [...applied, ...transferCodingsOf(rawHeaders).filter((coding) => coding !== 'chunked')];
}

/** Why the kept bytes are not the whole body, as text; null when they are. */
function whyCut(
  { truncated, content, encodedBytes }: Exchanged,
  { end, kept, bytes }: Decoded,
  { maxBodyBytes }: HttpOptions,
  encoding: string | null,
): string | null {
  if (end === 'unknown_coding') return `the content coding ${encoding} cannot be undone`;
  if (end === 'late') return 'the time for undoing its content coding was up';
  if (truncated) return `reading stopped after ${maxBodyBytes} bytes (the option maxBodyBytes)`;
  if (encoding !== null && content.length < encodedBytes)
    return `only ${inMiB(CONTENT_LIMITS.codedBytes)} of a coded body are read`;
  const whole = encoding === null ? encodedBytes : bytes;
  return whole === kept.length ? null : `only its first ${inMiB(CONTENT_LIMITS.keptBytes)} are searched`;
}

async function judge(
  bytes: Buffer,
  cut: string | null,
  rawHeaders: readonly string[],
  { expectBody, expectBodyRegex, expectJsonPath }: Expectations,
  timeUp: TimeUp,
): Promise<readonly ContentFault[]> {
  const contentType = headerOf(rawHeaders, 'content-type') ?? '';
  const body: BodyToJudge = { bytes, contentType, cut, expectBody, expectBodyRegex, expectJsonPath };
  if (bytes.length <= AT_ONCE_BYTES && expectBodyRegex === '') return judgeBody(body);
  const judged = await judgeInThread(body, timeUp);
  return judged ?? [{ text: 'could not check the body in the time that was left', isKnown: false }];
}
