import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem, type ProblemCode, problemBody, type WrongField } from './problem.ts';

interface FrameworkError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
}

/** Every answer that is not success is a problem; one that is our own fault hides its message and logs it under an id. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FrameworkError, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}.`;
    return send(reply, 404, 'not_found', detail);
  });
}

function answer(error: FrameworkError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = error instanceof ApiProblem ? error : ofFramework(error);
  if (problem === null) {
    const id = randomUUID();
    request.log.error({ err: error, errorId: id }, 'a request failed');
    return send(reply, 500, 'internal', `Something failed in the server. Its log tells more under ${id}.`);
  }
  request.log.info({ status: problem.status, code: problem.code, detail: problem.message }, 'a request was refused');
  if (problem.retryAfterS !== undefined) reply.header('retry-after', problem.retryAfterS);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return send(reply, problem.status, problem.code, problem.message, problem.fields);
}

function send(
  reply: FastifyReply,
  status: number,
  code: ProblemCode,
  detail: string,
  fields: readonly WrongField[] = [],
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(status, code, detail, fields)));
}

/** What the framework itself refuses: bodies it cannot read. null: a fault of ours. */
function ofFramework({ statusCode = 500, code = '', message }: FrameworkError): ApiProblem | null {
  switch (statusCode) {
    case 413:
      return new ApiProblem(413, 'too_large', 'The body is larger than this server takes.');
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
    default:
      return statusCode < 500 ? new ApiProblem(statusCode, 'bad_request', message) : null;
  }
}
