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

/** A connection that stands, before either side has said who it is. */
export interface Dialled {
  readonly socket: WebSocket;
  readonly inbox: Inbox;
  /** Values that the server may have bound its signature to; '' only where the path is trusted without. */
  readonly bindings: readonly string[];
  /** The version of the protocol that the server speaks. */
  readonly version: PeerVersion;
}

/** Could not connect: `message` says what to do. */
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
      // Goes to the TLS socket as it is, though the types of ws tell of another kind of answer.
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

/** As Node's own check answers: an error with its code where the certificate is for others. */
function identityFault(host: string, { raw }: PeerCertificate): Error | undefined {
  if (isFor(new X509Certificate(raw), host)) return undefined;
  const message = `the certificate of ${host} is for other names`;
  return Object.assign(new Error(message), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}

/**
 * A certificate that nobody vouches for is fine as long as the server's pinned key has signed this very TLS session;
 * one that a CA vouches for may also end at a proxy, which the server's own key cannot see.
 */
function bindingsOf({ socket }: IncomingMessage): readonly string[] {
  if (!(socket instanceof TLSSocket)) return [''];
  const exported = tlsBinding(socket);
  return socket.authorized ? [exported, ''] : [exported];
}

/** The TLS exporter's value of a connection, hex; the same on both ends of it and nowhere else. Source: RFC 5705. */
export function tlsBinding(socket: TLSSocket): string {
  return socket.exportKeyingMaterial(32, TLS_BINDING_LABEL, Buffer.alloc(0)).toString('hex');
}
