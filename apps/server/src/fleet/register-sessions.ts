import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { SESSION_PATH } from '@netsonde/protocol';
import type { FastifyInstance } from 'fastify';
import { ApiProblem } from '../api/problem.ts';
import { UpgradeOffers } from '../http/upgrade-offers.ts';
import type { Fleet } from './fleet.ts';

/** A connection that requested an upgrade, until the route takes it over. */
interface Waiting {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly response: ServerResponse;
}

/**
 * Registers the agents' session endpoint. An agent authenticates in the session's first frames; cookies and tokens have
 * no effect. Other upgrade offers are ignored, and the request is answered as if it had made none.
 */
export async function registerSessions(app: FastifyInstance, fleet: Fleet, basePath: string): Promise<void> {
  const path = basePath + SESSION_PATH;
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  app.get(path, { config: { access: 'agent', upgrade: true } }, (request, reply) => {
    const upgrade = waiting.get(request.raw);
    if (upgrade === undefined) {
      reply.header('upgrade', 'websocket').header('connection', 'upgrade, close');
      throw new ApiProblem(426, 'upgrade_required', 'Agents speak here: ask for an upgrade to websocket.');
    }
    reply.hijack();
    upgrade.response.detachSocket(request.raw.socket);
    fleet.handleUpgrade(request.raw, upgrade.socket, upgrade.head, request.ip);
    return reply;
  });
  const offers = new UpgradeOffers(app);
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    offers.inTurn(socket, () => {
      if (!asksForSession(request, path)) return offers.ignore(request, socket, head);
      const response = new ServerResponse(request);
      waiting.set(request, { socket, head, response });
      response.assignSocket(request.socket);
      response.on('finish', () => socket.end());
      app.routing(request, response);
    });
  });
}

function asksForSession({ method, url, headers }: IncomingMessage, path: string): boolean {
  return method === 'GET' && url?.split('?')[0] === path && headers.upgrade?.trim().toLowerCase() === 'websocket';
}
