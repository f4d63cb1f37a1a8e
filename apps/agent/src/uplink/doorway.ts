import type { Socket } from 'node:net';

/** Connections that have not been authenticated yet, at most. */
const MOST_STRANGERS = 16;
/** Time for the far end to prove that it is the server, ms. */
const PROVE_MS = 10_000;

/**
 * Limits connections to an open port whose far end has not yet proved to be the server. Each has little time, and
 * beyond the limit the oldest is closed, so that strangers who hold connections open cannot keep the server out.
 */
export class Doorway {
  readonly #strangers = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();

  get size(): number {
    return this.#strangers.size;
  }

  entered(socket: Socket): void {
    if (this.#strangers.size >= MOST_STRANGERS) this.#strangers.values().next().value?.socket.destroy();
    const key = keyOf(socket);
    const timer = setTimeout(() => socket.destroy(), PROVE_MS);
    this.#strangers.set(key, { socket, timer });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#forget(key));
  }

  /** The far end of this connection (or of the one below it) is the server. */
  proved(socket: Socket): void {
    this.#forget(keyOf(socket));
  }

  close(): void {
    for (const { socket } of this.#strangers.values()) socket.destroy();
  }

  #forget(key: string): void {
    clearTimeout(this.#strangers.get(key)?.timer);
    this.#strangers.delete(key);
  }
}

/** Also matches a TLS socket with the plain one below it. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
