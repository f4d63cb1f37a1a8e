import type { Finding } from '../contract/outcome.ts';
import type { ParsedHead } from '../net/http1/head.ts';
import { headerOf } from '../net/http1/header-lookup.ts';
import { judgeContent } from './content-check.ts';
import { undoEncodings } from './content-coding.ts';
import type { HttpOptions } from './descriptor.ts';
import type { Exchanged } from './exchange.ts';
import type { Body, ContentFault, Hop } from './observation.ts';
import { shownUrl } from './origin.ts';

/** Whether an answer's content must be kept, for its checks or to undo its encoding. */
export function wantsContent(answer: ParsedHead, options: HttpOptions): boolean {
  return (
    options.expectBody !== '' ||
    options.expectBodyRegex !== '' ||
    options.expectJsonPath !== '' ||
    headerOf(answer.rawHeaders, 'content-encoding') !== undefined
  );
}

/** What a final answer carried, and what is wrong with that. */
export interface BodyEnd {
  readonly body: Body;
  readonly contentFaults: readonly ContentFault[];
  readonly fault: Finding | null;
}

const NO_FAULTS: readonly ContentFault[] = Object.freeze([]);

/** The body of an answer that is not to be judged, only measured. */
export function unreadBody({ encodedBytes, truncated, bytesAfterFirstRead }: Exchanged): BodyEnd {
  const body = { encodedBytes, decodedBytes: null, encoding: null, truncated, bytesAfterFirstRead };
  return { body, contentFaults: NO_FAULTS, fault: null };
}

/** The body of the final answer, its encoding undone and its content judged. */
export async function readBody(hop: Hop, exchanged: Exchanged, options: HttpOptions): Promise<BodyEnd> {
  const { encodedBytes, truncated, bytesAfterFirstRead, content } = exchanged;
  const rawHeaders = hop.head?.rawHeaders ?? [];
  const encoding = headerOf(rawHeaders, 'content-encoding') ?? null;
  const undone = encoding === null ? null : await undoEncodings(encoding, content, truncated);
  if (undone === 'broken') {
    const operation = `undo Content-Encoding ${encoding} of ${shownUrl(hop.url)}`;
    const body = { encodedBytes, decodedBytes: null, encoding, truncated, bytesAfterFirstRead };
    return { body, contentFaults: NO_FAULTS, fault: { cause: 'protocol_violation', side: 'target', operation } };
  }
  const plain = encoding === null ? content : undone === null ? null : [undone];
  const decodedBytes = encoding === null ? encodedBytes : (undone?.length ?? null);
  const body = { encodedBytes, decodedBytes, encoding, truncated, bytesAfterFirstRead };
  return { body, contentFaults: judgeContent(plain, rawHeaders, options), fault: null };
}
