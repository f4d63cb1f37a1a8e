import type { Socket } from 'node:net';

/** What a service that means harm sends: more than a client should keep, decode or wait for. */
export interface Bomb {
  /** What it sends, in words. */
  readonly name: string;
  /** `https` speaks HTTP/1.1 or HTTP/2, as `alpn` says. */
  readonly transport: 'tcp' | 'tls' | 'https' | 'udp';
  readonly alpn?: string;
  /** The probe that meets it, with the options that make it decode as much as it can. */
  readonly probe: 'http' | 'dns' | 'tls' | 'tcp' | 'udp' | 'ntp';
  readonly options: Readonly<Record<string, unknown>>;
  /** Its server sends a certificate chain as long as a client reads. */
  readonly isLongChain?: boolean;
  /** The verdict that is right for it. */
  readonly verdict: 'up' | 'degraded' | 'down' | 'unknown';
  /** Makes what takes long to make, before the service listens. */
  readonly prepare?: () => void;
  /** For `tcp`, `tls` and `https`: called with each connection, over TLS once it is secured. */
  readonly onConnection?: (socket: Socket) => void;
  /** For `udp`: called with each message. */
  readonly onMessage?: (message: Buffer, send: (bytes: Uint8Array, sent: () => void) => void) => void;
}

export const MIB = 1024 * 1024;

/** Writes what `next` returns as fast as the client reads it, until the client ends or there is nothing more. */
export function flood(socket: Socket, next: () => Buffer | undefined): void {
  socket.on('error', () => {});
  const push = (): void => {
    for (let burst = 0; burst < 64 && !socket.destroyed; burst += 1) {
      const bytes = next();
      if (bytes === undefined) {
        socket.end();
        return;
      }
      if (!socket.write(bytes)) {
        socket.once('drain', push);
        return;
      }
    }
    if (!socket.destroyed) setImmediate(push);
  };
  push();
}

/** Writes one byte at a time, `gapMs` apart, until the client ends. */
export function trickle(socket: Socket, byte: string, gapMs: number): void {
  const timer = setInterval(() => socket.write(byte), gapMs);
  socket.on('error', () => {}).on('close', () => clearInterval(timer));
}
