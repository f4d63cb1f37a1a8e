import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { SESSION_PATH } from '@netsonde/protocol';
import type { FastifyInstance } from 'fastify';
import type { Fleet } from './fleet.ts';

/** A connection that asked for an upgrade, until the route takes it over. */
interface Waiting {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly response: ServerResponse;
}

/**
 * Adds the agents' way in to the server. An agent proves itself in the session's first frames; no cookie or token counts
 * here. An upgrade of any other path is refused and its connection closed, since nothing else would ever end it.
 */
export async function registerSessions(app: FastifyInstance, fleet: Fleet, basePath: string): Promise<void> {
  const path = basePath + SESSION_PATH;
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  app.get(path, { config: { access: 'agent', upgrade: true } }, (request, reply) => {
    const upgrade = waiting.get(request.raw);
    if (upgrade === undefined) return reply.code(426).header('upgrade', 'websocket').send();
    reply.hijack();
    upgrade.response.detachSocket(request.raw.socket);
    fleet.handleUpgrade(request.raw, upgrade.socket, upgrade.head, request.ip);
    return reply;
  });
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== path) return refuse(socket);
    const response = new ServerResponse(request);
    waiting.set(request, { socket, head, response });
    response.assignSocket(request.socket);
    response.on('finish', () => socket.end());
    app.routing(request, response);
  });
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
}
