import { compareDecimals } from './decimal.ts';
import { findInJson } from './json-scan.ts';

/** A condition on a JSON body: a path, and what its value must be. */
export interface JsonCondition {
  readonly steps: readonly (string | number)[];
  readonly op: 'exists' | '=' | '!=' | '<' | '<=' | '>' | '>=';
  /** Text of a JSON value; empty where the path alone is the condition. */
  readonly wanted: string;
}

/** Whether a document meets a condition; `why` describes what it has instead. */
export type JsonVerdict = { readonly met: true } | { readonly met: false; readonly why: string };

const STEP = /\.([^.[\]\s=!<>]+)|\[(\d{1,6})\]|\["([^"]{1,200})"\]/y;
const MOST_SHOWN = 40;
const MET: JsonVerdict = Object.freeze({ met: true });

/**
 * Reads `a.b[0].c = value`. A path alone must exist; `=`, `!=`, `<`, `<=`, `>`, `>=` compare. The value is JSON where
 * it can be read as JSON, else a text. A step that contains dots or blanks is written `["a b"]`. null: not such a
 * condition.
 */
export function readJsonCondition(text: string): JsonCondition | null {
  const trimmed = text.trim();
  const path = trimmed.startsWith('$') ? trimmed.slice(1) : /^[.[]/.test(trimmed) ? trimmed : `.${trimmed}`;
  const steps: (string | number)[] = [];
  let at = 0;
  for (STEP.lastIndex = 0; ; at = STEP.lastIndex) {
    const match = STEP.exec(path);
    if (match === null) break;
    const [, name, index, quoted] = match;
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  const rest = path.slice(at);
  if (steps.length === 0) return null;
  if (rest === '') return { steps, op: 'exists', wanted: '' };
  const [, op, value] = /^\s*(=|!=|<=|>=|<|>)\s*(.*)$/.exec(rest) ?? [];
  return op === undefined ? null : { steps, op: op as JsonCondition['op'], wanted: wantedJson(value ?? '') };
}

function wantedJson(text: string): string {
  const found = findInJson(text, []);
  return found.kind === 'value' ? found.text : JSON.stringify(text);
}

/**
 * Whether a JSON text meets the condition. Numbers are compared exactly, as they are written. null: nested too deeply
 * to decide.
 */
export function judgeJson({ steps, op, wanted }: JsonCondition, document: string): JsonVerdict | null {
  const found = findInJson(document, steps);
  switch (found.kind) {
    case 'too_deep':
      return null;
    case 'not_json':
      return { met: false, why: 'the body is not JSON' };
    case 'absent':
      return { met: false, why: 'there is no such value' };
    case 'value':
      return op === 'exists' || compare(found.text, op, wanted)
        ? MET
        : { met: false, why: described(found.text, wanted) };
  }
}

function compare(found: string, op: Exclude<JsonCondition['op'], 'exists'>, wanted: string): boolean {
  if (op === '=') return isSame(found, wanted);
  if (op === '!=') return !isSame(found, wanted);
  if (!isNumber(found) || !isNumber(wanted)) return false;
  const order = compareDecimals(found, wanted);
  if (op === '<') return order < 0;
  if (op === '<=') return order <= 0;
  return op === '>' ? order > 0 : order >= 0;
}

const isNumber = (json: string): boolean => /^[-\d]/.test(json);
const isText = (json: string): boolean => json.startsWith('"');

/** A number in the condition also matches a text in the document that is written like it. */
function isSame(found: string, wanted: string): boolean {
  if (isNumber(wanted) && isNumber(found)) return compareDecimals(found, wanted) === 0;
  if (isNumber(wanted) && isText(found)) return found === `"${wanted}"` || found === `"${Number(wanted)}"`;
  return found.length <= 64 * 1024 && normal(found) === normal(wanted);
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[^\s"]/g;

/** The canonical text of a value: without white space, and with one form for each string and number. */
function normal(json: string): string {
  if (isText(json)) return JSON.stringify(JSON.parse(json));
  const tokens = json.match(TOKEN) ?? [];
  return tokens.map((token) => (isText(token) ? JSON.stringify(JSON.parse(token)) : token)).join('');
}

function described(found: string, wanted: string): string {
  if (isNumber(found)) return `it is ${found.slice(0, MOST_SHOWN)}`;
  if (isText(found)) return isNumber(wanted) ? 'it is a text, not a number' : 'it is another text';
  if (found.startsWith('[')) return 'it is a list';
  return found.startsWith('{') ? 'it is an object' : `it is ${found}`;
}
