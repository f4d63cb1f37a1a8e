import type { z } from 'zod';
import type { WrongField } from './problem.ts';

/** A zod error as wrong fields by path; each unknown key is a field of its own. */
export function wrongFields(error: z.core.$ZodError): readonly WrongField[] {
  return error.issues.slice(0, 50).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: fieldPath([...issue.path, key]),
        message: 'unknown field: leave it out',
      }));
    return [{ path: fieldPath(issue.path), message: issue.message }];
  });
}

/** `['targets', 0, 'address']` is `targets[0].address`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
