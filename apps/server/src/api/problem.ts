import { type WrongField, wrongInWords } from '@netsonde/protocol';
import type { Problem } from '@netsonde/protocol/api';

/** Stable fault codes for programs. */
export type ProblemCode =
  | 'malformed_json'
  | 'bad_request'
  | 'invalid_request'
  | 'unauthenticated'
  | 'wrong_credentials'
  | 'wrong_setup_token'
  | 'csrf_token_wrong'
  | 'foreign_origin'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'name_taken'
  | 'last_admin'
  | 'setup_done'
  | 'too_large'
  | 'unsupported_media_type'
  | 'upgrade_required'
  | 'too_many_attempts'
  | 'too_many_requests'
  | 'internal'
  | 'unavailable';

/** A response other than success, thrown anywhere below a route. `detail` is shown to the caller. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: ProblemCode;
  readonly fields: readonly WrongField[];
  /** Time until a retry makes sense, s. */
  readonly retryAfterS: number | undefined;

  constructor(
    status: number,
    code: ProblemCode,
    detail: string,
    more: { fields?: readonly WrongField[]; retryAfterS?: number } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? [];
    this.retryAfterS = more.retryAfterS;
  }
}

export const notFound = (what: string, id: number | string): ApiProblem =>
  new ApiProblem(404, 'not_found', `There is no ${what} ${id}.`);

/** 422 that names the wrong fields. */
export function invalid(fields: readonly WrongField[]): ApiProblem {
  const detail = wrongInWords(fields);
  return new ApiProblem(422, 'invalid_request', detail.length > 1000 ? `${detail.slice(0, 997)}...` : detail, {
    fields,
  });
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Took too long',
  409: 'Conflict',
  413: 'Too large',
  414: 'Path too long',
  415: 'Unsupported media type',
  422: 'Invalid request',
  426: 'Upgrade required',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Not available',
};

/** Short title of a status. */
export const titleOf = (status: number): string => TITLES[status] ?? 'Error';

/** The body of a problem response (RFC 9457). */
export function problemBody(
  status: number,
  code: ProblemCode,
  detail: string,
  fields: readonly WrongField[] = [],
): Problem {
  return {
    type: `urn:netsonde:problem:${code}`,
    title: titleOf(status),
    status,
    code,
    detail,
    ...(fields.length === 0 ? {} : { fields: [...fields] }),
  };
}
