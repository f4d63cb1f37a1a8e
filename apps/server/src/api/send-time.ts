import type { FastifyInstance } from 'fastify';

/** The server's time in the answers of the API, epoch ms: `Date` has whole seconds only. */
const TIME_HEADER = 'netsonde-time';

/** Adds the time to each answer below the prefix. */
export function sendTime(app: FastifyInstance, prefix: string, now: () => number): void {
  app.addHook('onSend', async ({ url }, reply) => {
    if (url.startsWith(`${prefix}/`)) reply.header(TIME_HEADER, Math.round(now()));
  });
}
