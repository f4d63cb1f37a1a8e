import type { FastifyInstance } from 'fastify';
import { ApiProblem } from '../api/problem.ts';

/** Largest bodies, bytes: of anonymous callers, of users, and of a whole test with its targets. */
export const BODY_LIMITS = Object.freeze({ public: 4 * 1024, ordinary: 64 * 1024, test: 4 * 1024 * 1024 });

const BODYLESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Does not read the body of a request that needs none: a small one is ignored and a larger one refused. In both cases the
 * connection ends with the response, so that the server need not read the rest. Call it before routes are registered.
 */
export function refuseNeedlessBodies(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (!BODYLESS.has(method)) return;
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
    if (length === '0' && encoding === undefined) return;
    reply.header('connection', 'close');
    if (Number(length) > BODY_LIMITS.public) throw tooLarge();
  });
}

export const tooLarge = (): ApiProblem =>
  new ApiProblem(413, 'too_large', 'The body is larger than this server takes here: send less.');
