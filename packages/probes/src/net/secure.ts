import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { StopSignal } from '@netsonde/sockets';
import type { Clock } from '../contract/context.ts';
import { codeOf } from '../contract/network-error.ts';
import type { Patience } from './patience.ts';

export interface SecureOptions {
  /** Name to ask for (SNI), sent without its last dot; an address is not sent. Source: RFC 6066 section 3 */
  readonly servername: string;
  readonly context: SecureContext;
  readonly alpn: readonly string[];
  readonly wantStaple: boolean;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly signal: StopSignal;
}

/** How a handshake ended. The certificate is not judged here: a chain that does not verify is secured too. */
export type Secured =
  | {
      readonly secure: TLSSocket;
      readonly handshakeMs: number;
      /** OpenSSL's verdict on the chain, e.g. `CERT_HAS_EXPIRED`; null when it verifies. The name is not looked at. */
      readonly chainFault: string | null;
      /** Bytes of the stapled OCSP response; 0 when none came or none was asked for. */
      readonly stapleBytes: number;
    }
  | { readonly secure: null; readonly code: string; readonly afterMs: number };

/**
 * Runs a TLS handshake over a connected socket, timed from before the ClientHello to the end of the handshake on this
 * side. The code of a failure is an errno's name, one of OpenSSL's (`ERR_SSL_...`), `closed`, `timeout` or `AGENT_STALLED`.
 * @throws the signal's reason, and only that
 */
export function secureOver(socket: Socket, options: SecureOptions): Promise<Secured> {
  const { servername, context, alpn, wantStaple, patience, clock, signal } = options;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let stapleBytes = 0;
    let socketCode: string | null = null;
    const startedMs = clock.monotonicMs();
    const secure = connect({
      socket,
      secureContext: context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
      ...(wantStaple ? { requestOCSP: true } : {}),
      ...(isIP(servername) === 0 ? { servername: servername.replace(/\.$/, '') } : {}),
    });
    const settle = () => {
      endWait();
      signal.removeEventListener('abort', abort);
      secure.removeListener('error', fail);
      socket.removeListener('error', note);
    };
    const drop = () => {
      settle();
      secure.on('error', ignore);
      socket.on('error', ignore);
      secure.destroy();
      socket.destroy();
    };
    const end = (code: string) => {
      const afterMs = clock.monotonicMs() - startedMs;
      drop();
      resolve({ secure: null, code: patience.judged(code), afterMs });
    };
    const note = (error: Error) => {
      socketCode = codeOf(error);
    };
    const fail = (error: Error) => end(socketCode ?? handshakeCode(error));
    const abort = () => {
      drop();
      reject(signal.reason);
    };
    const endWait = patience.wait(end);
    signal.addEventListener('abort', abort);
    socket.on('error', note);
    secure.on('error', fail);
    if (wantStaple)
      secure.once('OCSPResponse', (staple: Buffer | null) => {
        stapleBytes = staple?.length ?? 0;
      });
    secure.once('secureConnect', () => {
      const handshakeMs = clock.monotonicMs() - startedMs;
      settle();
      // Typed as an Error, it is the code's text when the chain does not verify.
      const chainFault = secure.authorized ? null : String(secure.authorizationError);
      resolve({ secure, handshakeMs, chainFault, stapleBytes });
    });
  });
}

/** Node says ECONNRESET also where the far end just closed: that is told apart by its text. */
function handshakeCode(error: Error): string {
  return error.message.includes('disconnected before secure TLS connection') ? 'closed' : codeOf(error);
}

function ignore(): void {}
