import type { FastifyRequest } from 'fastify';
import '@fastify/cookie';
import { ApiProblem } from '../api/problem.ts';
import { findApiToken } from './api-tokens.ts';
import { ANONYMOUS, type Caller } from './caller.ts';
import type { AuthParts } from './parts.ts';
import { findSession } from './sessions.ts';

export const SESSION_COOKIE = 'netsonde_session';

/**
 * Identifies the caller by the bearer token, else by the session cookie. `touch` false: a repeated check for an open
 * request does not count as use of the session.
 * @throws ApiProblem 401 for a wrong token.
 */
export async function identify(parts: AuthParts, request: FastifyRequest, touch = true): Promise<Caller> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    const caller = token === undefined ? null : await findApiToken(parts, token);
    if (caller === null)
      throw new ApiProblem(
        401,
        'unauthenticated',
        'The API token is unknown, deleted or expired: send a valid one as Authorization: Bearer nst_...',
      );
    return caller;
  }
  const secret = request.cookies[SESSION_COOKIE];
  return secret === undefined || secret === '' ? ANONYMOUS : ((await findSession(parts, secret, touch)) ?? ANONYMOUS);
}
