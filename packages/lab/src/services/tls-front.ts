import { createServer as createTcpServer, type Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { Leaf } from '../certificates/authority.ts';
import { type Listener, listen } from './listening.ts';
import type { Listening } from './service.ts';
import type { TlsSettings } from './tls-options.ts';

/**
 * Adds a TLS (or HTTPS) server behind a TCP listener. It staples the OCSP response and delays the handshake as
 * configured.
 */
export async function listenTls(
  secure: TlsServer,
  leaf: Leaf,
  settings: TlsSettings,
  where: Listening,
): Promise<Listener> {
  secure.on('tlsClientError', () => {});
  secure.on('OCSPRequest', (_certificate, _issuer, answer: (error: Error | null, response: Buffer | null) => void) => {
    answer(null, leaf.staple ?? null);
  });
  const front = createTcpServer(
    { noDelay: true, pauseOnConnect: settings.handshakeDelayMs !== undefined },
    (socket: Socket) => {
      const begin = (): void => {
        if (!socket.destroyed) secure.emit('connection', socket);
      };
      if (settings.handshakeDelayMs === undefined) begin();
      else setTimeout(begin, settings.handshakeDelayMs).unref();
    },
  );
  return listen(front, where);
}
