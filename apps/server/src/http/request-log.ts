import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ANONYMOUS, actorName, type Caller } from '../auth/caller.ts';

const LONGEST_PATH = 200;

/** A request as the log shows it: never its query, headers or body. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  /** `user:name`, `token:name` or `anonymous`: also where what was given to prove more was wrong. */
  readonly caller: string;
  /** The client's address; behind a trusted proxy, the one that the proxy reports. */
  readonly address: string;
}

/** What the log shows of a request. */
export function requestFacts(request: FastifyRequest): RequestFacts {
  const caller: Caller | undefined = request.caller;
  return { method: request.method, path: pathOf(request), caller: actorName(caller ?? ANONYMOUS), address: request.ip };
}

/** The path without its query, not at any length. */
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
