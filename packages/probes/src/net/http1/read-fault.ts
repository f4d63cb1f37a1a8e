/** Violations of HTTP that make an answer unreadable. */
const VIOLATIONS = Object.freeze({
  not_http: 'the answer is not HTTP',
  bad_status_line: 'the status line cannot be read',
  nul_in_head: 'the head holds a NUL',
  bad_content_length: 'Content-Length is no number',
  conflicting_lengths: 'the head has several Content-Length values that differ',
  bad_chunk: 'the chunked coding is broken',
});

/** Limits of this program that ended the reading, although the answer may be valid. */
const LIMIT_FAULTS = Object.freeze({
  head_limit: 'the head is larger than 320 KiB, the most that is read',
  chunk_line_limit: 'the line before a chunk is longer than 64 KiB, the most that is read',
  trailer_limit: 'the trailer is larger than 64 KiB, the most that is read',
  framing_limit: 'the chunks are so small that their framing outweighs the content 64 times',
});

export type Violation = keyof typeof VIOLATIONS;
export type LimitFault = keyof typeof LIMIT_FAULTS;

/** Why an answer could not be read to its end; `closed`: the connection ended before the answer did. */
export type ReadFault = Violation | LimitFault | 'closed';

export const isViolation = (code: string): code is Violation => Object.hasOwn(VIOLATIONS, code);
export const isLimitFault = (code: string): code is LimitFault => Object.hasOwn(LIMIT_FAULTS, code);

/** A fault of the answer as a sentence; null for any other code. */
export function readFaultText(code: string): string | null {
  if (isViolation(code)) return VIOLATIONS[code];
  return isLimitFault(code) ? LIMIT_FAULTS[code] : null;
}
