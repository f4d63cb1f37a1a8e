import type { z } from 'zod';
import type { WrongField } from './problem.ts';

const MOST_FIELDS = 50;
const LONGEST_KEY = 200;

/** A zod error as wrong fields by path, the first 50 of them; each unknown key is a field of its own. */
export function wrongFields(error: z.core.$ZodError): readonly WrongField[] {
  return error.issues.slice(0, MOST_FIELDS).flatMap(fieldsOf).slice(0, MOST_FIELDS);
}

function fieldsOf(issue: z.core.$ZodIssue): readonly WrongField[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MOST_FIELDS).map((key) => ({
      path: fieldPath([...issue.path, key.slice(0, LONGEST_KEY)]),
      message: 'unknown field: leave it out',
    }));
  return [{ path: fieldPath(issue.path), message: issue.message }];
}

/** `['targets', 0, 'address']` is `targets[0].address`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
