import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { isFor } from '@netsonde/probes/runtime';
import {
  MAX_FRAME_BYTES,
  type PeerVersion,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  readPeerVersion,
  TLS_BINDING_LABEL,
  versionFault,
} from '@netsonde/protocol';
import { WebSocket } from 'ws';
import { explainDialError, explainStatus } from './explain.ts';
import { Inbox } from './inbox.ts';
import type { ServerUrl } from './server-url.ts';

/** An open connection, before either side has identified itself. */
export interface Dialled {
  readonly socket: WebSocket;
  readonly inbox: Inbox;
  /** Values that the server's signature may be bound to; '' only where the path is trusted without one. */
  readonly bindings: readonly string[];
  /** The protocol version of the server. */
  readonly version: PeerVersion;
}

/** The connection failed. `message` says what to do. */
export class DialError extends Error {
  override readonly name = 'DialError';
}

const DIAL_TIMEOUT_MS = 15_000;

/** Opens the WebSocket. @throws DialError */
export function dial(server: ServerUrl, ca: string | null, signal: AbortSignal): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(server.socketUrl, {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: DIAL_TIMEOUT_MS,
      followRedirects: false,
      headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
      // Passed to the TLS socket unchanged, although the types of ws declare another return value.
      ...({ checkServerIdentity: identityFault } as object),
      ...(ca === null ? { rejectUnauthorized: false } : { ca, rejectUnauthorized: true }),
    });
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort);
    const settle = () => signal.removeEventListener('abort', abort);
    const fail = (why: string) => {
      settle();
      reject(new DialError(why));
    };
    let bindings: readonly string[] = [''];
    let version = readPeerVersion(undefined);
    socket.on('upgrade', (response) => {
      bindings = bindingsOf(response);
      version = readPeerVersion(response.headers[PROTOCOL_HEADER]);
    });
    socket.on('unexpected-response', (request, response) => {
      fail(explainStatus(server, response.statusCode ?? 0));
      request.destroy();
    });
    socket.on('error', (error) => fail(explainDialError(server, error)));
    socket.once('open', () => {
      const fault = versionFault(version, 'server');
      if (fault !== null) {
        fail(`${server.text}: ${fault}`);
        socket.terminate();
        return;
      }
      settle();
      resolve({ socket, inbox: new Inbox(socket), bindings, version });
    });
  });
}

/** As Node's own check answers: an error with its code where the certificate is for another name. */
function identityFault(host: string, { raw }: PeerCertificate): Error | undefined {
  if (isFor(new X509Certificate(raw), host)) return undefined;
  const message = `the certificate of ${host} is for other names`;
  return Object.assign(new Error(message), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}

/**
 * A certificate that no CA has signed is accepted where the server's pinned key has signed this TLS session. A
 * certificate that a CA has signed may also end at a proxy, which the server's own key cannot see.
 */
function bindingsOf({ socket }: IncomingMessage): readonly string[] {
  if (!(socket instanceof TLSSocket)) return [''];
  const exported = tlsBinding(socket);
  return socket.authorized ? [exported, ''] : [exported];
}

/**
 * The TLS exporter's value of a connection, hex. Both ends compute the same value, and no other connection has it.
 * Source: RFC 5705.
 */
export function tlsBinding(socket: TLSSocket): string {
  return socket.exportKeyingMaterial(32, TLS_BINDING_LABEL, Buffer.alloc(0)).toString('hex');
}
