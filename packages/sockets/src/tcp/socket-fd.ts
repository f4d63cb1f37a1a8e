import type { Socket } from 'node:net';

/**
 * The file descriptor of a connected (or connecting) TCP socket of Node, for the calls of this folder.
 * It belongs to Node: never close it, and do not use it after the socket's `close`.
 * @throws TypeError if there is none: not yet connecting, already destroyed, a pipe of Windows, or TLS over another stream
 */
export function socketFd(socket: Socket): number {
  const handle = (socket as Socket & { readonly _handle?: { readonly fd?: number } | null })._handle;
  const fd = handle?.fd;
  if (typeof fd === 'number' && fd >= 0) return fd;
  const state = socket.destroyed ? 'it is destroyed' : 'it has no open handle yet';
  throw new TypeError(`the socket has no file descriptor: ${state}; ask between 'connect' and 'close'`);
}
