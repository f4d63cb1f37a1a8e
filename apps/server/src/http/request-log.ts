import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ANONYMOUS, actorName, type Caller } from '../auth/caller.ts';

const LONGEST_PATH = 200;

/** A request in the log, without its query, headers and body. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  /** `user:name`, `token:name` or `anonymous`. Wrong credentials count as `anonymous`. */
  readonly caller: string;
  /** The client's address. Behind a trusted proxy, the one that the proxy reports. */
  readonly address: string;
}

/** The log fields of a request. */
export function requestFacts(request: FastifyRequest): RequestFacts {
  const caller: Caller | undefined = request.caller;
  return { method: request.method, path: pathOf(request), caller: actorName(caller ?? ANONYMOUS), address: request.ip };
}

/** The path without its query, shortened if it is long. */
export const pathOf = ({ url }: Pick<FastifyRequest, 'url'>): string =>
  (url.split('?')[0] ?? '').slice(0, LONGEST_PATH);

/** Logs each request once it is answered. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status, elapsedTime } = reply;
    request.log.debug(
      { ...requestFacts(request), status, ms: Math.round(elapsedTime * 10) / 10 },
      'a request was answered',
    );
  });
}
