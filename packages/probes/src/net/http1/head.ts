import type { Irregularity } from './irregularity.ts';
import type { Violation } from './read-fault.ts';

/** Status line and headers of one answer. */
export interface ParsedHead {
  readonly status: number;
  /** As in the status line: `1.1`. */
  readonly version: string;
  /** Name, value, name, value ... in their order, without white space around the values. */
  readonly rawHeaders: readonly string[];
}

const STATUS_LINE = /^HTTP\/(\d+(?:\.\d+)?)[ \t]+([1-9]\d\d)(?!\d)/i;
const PROPER_STATUS_LINE = /^HTTP\/\d\.\d [1-5]\d\d (?:[\t -~\x80-\xff]*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for control characters
const CONTROL = /[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/**
 * Parses a complete head, decoded as Latin-1, without its empty last line. Lines may end in a bare LF, and a folded
 * header is unfolded.
 * Source: RFC 9112 sections 2.2, 4, 5.1 and 5.2
 */
export function parseHead(text: string, irregular: Set<Irregularity>): ParsedHead | Violation {
  if (text.includes('\0')) return 'nul_in_head';
  if (CONTROL.test(text)) irregular.add('control_character');
  const [statusLine, ...lines] = text.split('\n').map((line) => withoutLineEnd(line, irregular));
  const [, version, status] = STATUS_LINE.exec(statusLine ?? '') ?? [];
  if (version === undefined) return 'bad_status_line';
  if (!PROPER_STATUS_LINE.test(statusLine ?? '')) irregular.add('status_line');
  return { status: Number(status), version, rawHeaders: headersOf(lines, irregular) };
}

/** A CR that does not end a line counts as a space. Source: RFC 9112 section 2.2 */
function withoutLineEnd(line: string, irregular: Set<Irregularity>): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === 13) end -= 1;
  if (end === line.length) irregular.add('bare_lf');
  if (end < line.length - 1) irregular.add('bare_cr');
  const text = end === line.length ? line : line.slice(0, end);
  if (!text.includes('\r')) return text;
  irregular.add('bare_cr');
  return text.replaceAll('\r', ' ');
}

function headersOf(lines: readonly string[], irregular: Set<Irregularity>): string[] {
  const headers: string[] = [];
  for (const line of lines) {
    if (isBlank(line.charCodeAt(0))) {
      const last = headers.length - 1;
      irregular.add(last < 0 ? 'space_before_header' : 'folded_header');
      if (last >= 0) headers[last] = trimmed(`${headers[last]} ${trimmed(line)}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) {
      irregular.add('line_without_colon');
      continue;
    }
    // The name is kept unchanged, so it matches no known header. Other clients do the same.
    if (isBlank(line.charCodeAt(colon - 1))) irregular.add('space_before_colon');
    headers.push(line.slice(0, colon), trimmed(line, colon + 1));
  }
  return headers;
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

function trimmed(text: string, from = 0): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
