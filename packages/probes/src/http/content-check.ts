import { headerOf } from '../net/http1/header-lookup.ts';
import type { HttpOptions } from './descriptor.ts';
import { keeps, readJsonCondition } from './json-path.ts';
import type { ContentFault } from './observation.ts';
import { matchesWithin } from './pattern.ts';

const MOST_PATTERN_CHARACTERS = 1024 * 1024;
const PATTERN_TIMEOUT_MS = 50;

/** What a body lacks of what is expected of it. A body that could not be read (null) cannot be judged. */
export function judgeContent(
  content: readonly Buffer[] | null,
  rawHeaders: readonly string[],
  { expectBody, expectBodyRegex, expectJsonPath }: HttpOptions,
): readonly ContentFault[] {
  if (expectBody === '' && expectBodyRegex === '' && expectJsonPath === '') return [];
  if (content === null)
    return [{ expectation: 'read the body (unknown encoding, or larger than the limit)', told: false }];
  const text = textOf(content, rawHeaders);
  const faults: ContentFault[] = [];
  if (expectBody !== '' && !text.includes(expectBody))
    faults.push({ expectation: `find ${JSON.stringify(expectBody.slice(0, 80))} in the body`, told: true });
  if (expectBodyRegex !== '') faults.push(...patternFaults(expectBodyRegex, text));
  if (expectJsonPath !== '' && !jsonKeeps(expectJsonPath, text))
    faults.push({ expectation: `find ${expectJsonPath} in the JSON body`, told: true });
  return faults;
}

function patternFaults(pattern: string, text: string): readonly ContentFault[] {
  const matched = matchesWithin(pattern, text.slice(0, MOST_PATTERN_CHARACTERS), PATTERN_TIMEOUT_MS);
  if (matched === true) return [];
  return matched === null
    ? [{ expectation: `match the pattern within ${PATTERN_TIMEOUT_MS} ms: simplify it`, told: false }]
    : [{ expectation: `match /${pattern.slice(0, 80)}/ in the body`, told: true }];
}

function jsonKeeps(condition: string, text: string): boolean {
  const read = readJsonCondition(condition);
  try {
    return read !== null && keeps(read, JSON.parse(text));
  } catch {
    return false;
  }
}

function textOf(content: readonly Buffer[], rawHeaders: readonly string[]): string {
  const charset = /charset="?([\w.:-]+)/i.exec(headerOf(rawHeaders, 'content-type') ?? '')?.[1] ?? 'utf-8';
  const bytes = Buffer.concat(content);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}
