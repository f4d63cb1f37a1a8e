import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

type Listeners = ReadonlyMap<string | symbol, ReadonlySet<unknown>>;

/** Headers that only speak of the upgrade. Source: RFC 9110 section 7.8; HTTP2-Settings: RFC 7540 section 3.2.1. */
const OF_UPGRADE = new Set(['upgrade', 'http2-settings']);

/**
 * Offers of an upgrade on the connections of one HTTP server. Node stops reading HTTP on a connection at the offer, even
 * while earlier requests of the same connection are still being answered.
 */
export class UpgradeOffers {
  readonly #app: FastifyInstance;
  readonly #connected: 'secureConnection' | 'connection';
  /** The listeners of each connection before the HTTP server added its own. */
  readonly #before = new WeakMap<Duplex, Listeners>();
  /** Number of requests in progress per connection. */
  readonly #unanswered = new WeakMap<Duplex, number>();
  readonly #waiting = new WeakMap<Duplex, () => void>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#connected = app.server instanceof TlsServer ? 'secureConnection' : 'connection';
    app.server.prependListener(this.#connected, (socket: Duplex) => {
      if (!this.#before.has(socket)) this.#before.set(socket, listenersOf(socket));
    });
    app.server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => this.#count(socket, -1));
    });
  }

  /** Calls `act` once the connection's earlier requests are answered. Never calls it if the connection ends before. */
  inTurn(socket: Duplex, act: () => void): void {
    if ((this.#unanswered.get(socket) ?? 0) === 0) act();
    else this.#waiting.set(socket, act);
  }

  /**
   * Answers a request as if it had offered no upgrade, which a server may ignore (RFC 9110 section 7.8). The request is
   * put back in front of the connection's data without the offer, and the HTTP server reads it like a new connection.
   */
  ignore(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    removeListenersBut(socket, this.#before.get(socket));
    if (socket instanceof Socket) socket.setTimeout(0);
    socket.unshift(Buffer.concat([Buffer.from(withoutOffer(request), 'latin1'), head]));
    this.#app.server.emit(this.#connected, socket);
  }

  #count(socket: Duplex, change: 1 | -1): void {
    const unanswered = (this.#unanswered.get(socket) ?? 0) + change;
    this.#unanswered.set(socket, unanswered);
    const act = this.#waiting.get(socket);
    if (unanswered > 0 || act === undefined) return;
    this.#waiting.delete(socket);
    if (!socket.destroyed && !socket.writableEnded) act();
  }
}

const listenersOf = (socket: Duplex): Listeners =>
  new Map(socket.eventNames().map((event) => [event, new Set<unknown>(socket.rawListeners(event))]));

/** Removes the HTTP server's listeners, since it adds them again: otherwise each offer would leak some. */
function removeListenersBut(socket: Duplex, kept: Listeners | undefined): void {
  for (const event of socket.eventNames())
    for (const listener of socket.rawListeners(event))
      if (kept?.get(event)?.has(listener) !== true) socket.off(event, listener as (...args: unknown[]) => void);
}

/** The request's head without the upgrade offer. */
function withoutOffer({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (OF_UPGRADE.has(name.toLowerCase())) continue;
    const kept = name.toLowerCase() === 'connection' ? otherOptions(value) : value;
    if (kept !== '' || value === '') lines.push(`${name}: ${kept}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const otherOptions = (connection: string): string =>
  connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !OF_UPGRADE.has(option.toLowerCase()))
    .join(', ');
