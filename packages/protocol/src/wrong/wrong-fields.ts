import type { z } from 'zod';

const MOST_FIELDS = 50;
const LONGEST_KEY = 200;

/** One wrong part of a request or message: `path` as in `targets[0].address`, '' for the whole. */
export interface WrongField {
  readonly path: string;
  readonly message: string;
}

/** A zod error as wrong fields by path, the first 50 of them; each unknown key is a field of its own. */
export function wrongFields(error: z.core.$ZodError): readonly WrongField[] {
  return error.issues.slice(0, MOST_FIELDS).flatMap(fieldsOf).slice(0, MOST_FIELDS);
}

/** Wrong fields as one line: `name: is empty: ...; interval: is too small: ...`. */
export const wrongInWords = (fields: readonly WrongField[]): string =>
  fields.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');

function fieldsOf(issue: z.core.$ZodIssue): readonly WrongField[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MOST_FIELDS).map((key) => ({
      path: fieldPath([...issue.path, key.slice(0, LONGEST_KEY)]),
      message: 'unknown field: leave it out',
    }));
  // What is wrong with a key, not that a key is wrong.
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return [{ path: fieldPath(issue.path), message: message ?? issue.message }];
}

/** `['targets', 0, 'address']` is `targets[0].address`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
