import { textOf } from './charset.ts';
import { CONTENT_LIMITS } from './content-limits.ts';
import { judgeJson, readJsonCondition } from './json-condition.ts';
import { matchesWithin } from './pattern.ts';

/** A body and the conditions on it. It is sent to a thread. */
export interface BodyToJudge {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Why the bytes are incomplete, as text; null when they are complete. */
  readonly cut: string | null;
  readonly expectBody: string;
  readonly expectBodyRegex: string;
  readonly expectJsonPath: string;
}

/** A condition that is not met or cannot be decided. */
export interface ContentFault {
  /** For people. */
  readonly text: string;
  /** false: it may be met. */
  readonly isKnown: boolean;
}

/** The conditions that a body does not meet. */
export function judgeBody(body: BodyToJudge): readonly ContentFault[] {
  const text = textOf(body.bytes, body.contentType);
  return [...textFaults(text, body), ...patternFaults(text, body), ...jsonFaults(text, body)];
}

function textFaults(text: string, { expectBody, cut }: BodyToJudge): readonly ContentFault[] {
  if (expectBody === '' || text.includes(expectBody)) return [];
  return [missing(`find ${JSON.stringify(expectBody.slice(0, 80))} in the body`, cut)];
}

function patternFaults(text: string, { expectBodyRegex, cut }: BodyToJudge): readonly ContentFault[] {
  if (expectBodyRegex === '') return [];
  const matched = matchesWithin(expectBodyRegex, text, CONTENT_LIMITS.patternMs);
  if (matched === true) return [];
  if (matched === false) return [missing(`match /${expectBodyRegex.slice(0, 80)}/ in the body`, cut)];
  return [{ text: `could not match the pattern within ${CONTENT_LIMITS.patternMs} ms: simplify it`, isKnown: false }];
}

function jsonFaults(text: string, { expectJsonPath, cut }: BodyToJudge): readonly ContentFault[] {
  const condition = expectJsonPath === '' ? null : readJsonCondition(expectJsonPath);
  if (condition === null) return [];
  const what = `find ${expectJsonPath.slice(0, 200)} in the JSON body`;
  if (cut !== null) return [missing(what, cut)];
  const verdict = judgeJson(condition, text);
  if (verdict === null)
    return [{ text: `could not ${what}: it is nested deeper than ${CONTENT_LIMITS.jsonDepth} levels`, isKnown: false }];
  return verdict.met ? [] : [{ text: `did not ${what}: ${verdict.why}`, isKnown: true }];
}

const missing = (what: string, cut: string | null): ContentFault =>
  cut === null ? { text: `did not ${what}`, isKnown: true } : { text: `could not ${what}: ${cut}`, isKnown: false };
