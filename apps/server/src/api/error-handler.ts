import { randomUUID } from 'node:crypto';
import type { WrongField } from '@netsonde/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tooLarge } from '../http/body-limits.ts';
import { pathOf, requestFacts } from '../http/request-log.ts';
import { StoreError, type StoreErrorCode } from '../store/store-error.ts';
import { ApiProblem, type ProblemCode, problemBody } from './problem.ts';

/** Faults of the server's disk, which its administrator can fix. */
const REFUSED_BY_THE_DISK: ReadonlySet<StoreErrorCode> = new Set(['io', 'disk_full', 'corrupt']);

/** No route has this method and path. */
export function noSuchRoute(request: FastifyRequest): ApiProblem {
  return new ApiProblem(404, 'not_found', `There is no ${request.method} ${pathOf(request)}.`);
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Forms call it while the user types: an invalid request is logged at debug. */
    whileTyping?: boolean;
  }
}

interface FrameworkError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
}

/** Answers every failure with a problem. An internal fault hides its message and logs it under an id. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FrameworkError, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    return send(reply, 404, 'not_found', noSuchRoute(request).message);
  });
}

/** Requests that the framework refuses before routing: a path that cannot be decoded, or with a segment too long. */
export function answerFrameworkError(
  error: FrameworkError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return answer(error, request, reply);
}

function answer(error: FrameworkError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof StoreError && REFUSED_BY_THE_DISK.has(error.code)) {
    request.log.error({ ...requestFacts(request), err: error }, 'a request failed');
    return send(reply, 503, 'unavailable', 'The server cannot write its files: its log says which, and what to do.');
  }
  const problem = error instanceof ApiProblem ? error : (ofQuestions(error) ?? ofFramework(error));
  if (problem === null) {
    const id = randomUUID();
    request.log.error({ ...requestFacts(request), err: error, errorId: id }, 'a request failed');
    return send(reply, 500, 'internal', `The server failed. Its log has details under ${id}.`);
  }
  const { status, code, message: detail } = problem;
  const level = isExpected(problem, request) ? 'debug' : 'info';
  request.log[level]({ ...requestFacts(request), status, code, detail }, 'a request was refused');
  if (problem.retryAfterS !== undefined) reply.header('retry-after', problem.retryAfterS);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return send(reply, problem.status, problem.code, problem.message, problem.fields);
}

/** Invalid input of a half-typed form is not worth a log line. */
const isExpected = ({ status }: ApiProblem, { routeOptions }: FastifyRequest): boolean =>
  status === 422 && routeOptions?.config?.whileTyping === true;

function send(
  reply: FastifyReply,
  status: number,
  code: ProblemCode,
  detail: string,
  fields: readonly WrongField[] = [],
): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(status, code, detail, fields)));
}

/** Queries that the store refuses for now. */
function ofQuestions(error: FrameworkError): ApiProblem | null {
  if (!(error instanceof StoreError)) return null;
  if (error.code === 'busy') return new ApiProblem(429, 'too_many_requests', `${error.message}.`, { retryAfterS: 1 });
  return error.code === 'cancelled' ? new ApiProblem(503, 'unavailable', 'The client has left.') : null;
}

/** Requests that the framework refuses: bodies that it cannot read. null: an internal fault. */
function ofFramework({ statusCode = 500, code = '', message }: FrameworkError): ApiProblem | null {
  switch (statusCode) {
    case 413:
      return tooLarge();
    case 415:
      return new ApiProblem(
        415,
        'unsupported_media_type',
        'Send the body as JSON, with Content-Type: application/json.',
      );
    case 400:
      return code === 'FST_ERR_CTP_EMPTY_JSON_BODY' || message.includes('JSON')
        ? new ApiProblem(400, 'malformed_json', `The body is no JSON: ${message}`)
        : new ApiProblem(400, 'bad_request', message);
    case 414:
      return new ApiProblem(414, 'bad_request', 'A part of the path is longer than any id or name here.');
    default:
      return statusCode < 500 ? new ApiProblem(statusCode, 'bad_request', message) : null;
  }
}
