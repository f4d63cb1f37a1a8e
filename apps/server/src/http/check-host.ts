import type { FastifyInstance } from 'fastify';
import { ApiProblem } from '../api/problem.ts';

/** A name, an IPv4 address or an IPv6 address in brackets, with a port or without; it may be empty. */
const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/**
 * Refuses requests with several Host lines or an invalid value, since a proxy in front might have used another one.
 * Node refuses a missing Host. Source: RFC 9112 section 3.2.
 */
export function checkHost(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw: { rawHeaders } }, reply) => {
    const hosts = rawHeaders.filter(
      (_text, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === 'host',
    );
    if (hosts.length < 2 && HOST.test(hosts[0] ?? '')) return;
    reply.header('connection', 'close');
    throw new ApiProblem(400, 'bad_request', 'Send one Host header with the name or address of this server.');
  });
}
