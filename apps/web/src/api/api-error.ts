import type { Problem } from '@netsonde/protocol/api';
import { fieldWords } from './field-words.ts';

/** A call that the server answered with a problem, or that never reached it (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  /** What was wrong with the request, by the path of the field (`targets.0.address`). */
  readonly fields: readonly { readonly path: string; readonly message: string }[];

  constructor({ status, code, title, detail, fields }: Omit<Problem, 'type'>) {
    super(detail ?? title);
    this.status = status;
    this.code = code;
    this.fields = fields ?? [];
  }
}

/** The message for a field or a part of it, or undefined. A path may be written `a.0.b`, `/a/0/b` or `a[0].b`. */
export function fieldError(error: unknown, path: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.fields.find((field) => `${plainPath(field.path)}.`.startsWith(`${path}.`))?.message;
}

/**
 * What was wrong with the fields of a request, one line per field, with the words of a form instead of the API's names.
 * Empty where the error is not about fields.
 * @param shown fields that say it themselves
 */
export function fieldLines(
  error: unknown,
  labelOf: (path: string) => string = fieldWords,
  shown: (path: string) => boolean = () => false,
): readonly string[] {
  if (!(error instanceof ApiError) || error.code !== 'invalid_request') return [];
  return error.fields
    .map(({ path, message }) => ({ path: plainPath(path), message }))
    .filter(({ path }) => !shown(path))
    .map(({ path, message }) => (path === '' ? message : `${labelOf(path)}: ${message}`));
}

const plainPath = (path: string): string =>
  path
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/\//g, '.')
    .replace(/^\.+/, '')
    .replace(/^body\./, '');
