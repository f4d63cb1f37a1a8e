import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { StopSignal } from '@netsonde/sockets';
import type { Clock } from '../contract/context.ts';
import { CLIENT_CERTIFICATE_REQUIRED, codeOf } from '../contract/network-error.ts';
import type { Span } from '../contract/outcome.ts';
import type { Patience } from './patience.ts';

export interface SecureOptions {
  /** Server name (SNI), sent without its last dot; an address is not sent. Source: RFC 6066 section 3 */
  readonly servername: string;
  readonly context: SecureContext;
  readonly alpn: readonly string[];
  readonly wantStaple: boolean;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly signal: StopSignal;
}

/**
 * The result of a handshake. The certificate is not judged here: a chain that does not verify also counts as secured.
 */
export type Secured =
  | {
      readonly secure: TLSSocket;
      readonly handshakeMs: number;
      readonly during: Span;
      /** OpenSSL's verdict on the chain, e.g. `CERT_HAS_EXPIRED`; null when it verifies. The name is not checked. */
      readonly chainFault: string | null;
      /** Bytes of the stapled OCSP response; 0 when none arrived or none was requested. */
      readonly stapleBytes: number;
      /** What the server presented; null when no OCSP response was requested. */
      readonly shown: Shown | null;
    }
  | {
      readonly secure: null;
      readonly code: string;
      readonly afterMs: number;
      /**
       * What the server presented before it ended the handshake; null for nothing, or when no OCSP response was
       * requested.
       */
      readonly shown: Shown | null;
    };

/** What a server presents within a handshake. */
export interface Shown {
  /** Includes the issuer certificates that the server sent. */
  readonly leaf: X509Certificate;
  readonly stapleBytes: number;
  readonly protocol: string;
  /** Its IANA name; null during the handshake. */
  readonly cipher: string | null;
}

/**
 * Alerts of TLS 1.2 to a client without a certificate; TLS 1.3 has its own alert. Servers also send them for other
 * reasons.
 * Source: RFC 5246 sections 7.2.2 (bad_certificate) and 7.4.6 (handshake_failure)
 */
const REFUSAL = /_ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE)$/;

/**
 * Runs a TLS handshake over a connected socket, timed from before the ClientHello to the end of the handshake on this
 * side. The code of a failure is an errno's name, one of OpenSSL's (`ERR_SSL_...`), `closed`, `timeout`, `AGENT_STALLED` or
 * `CLIENT_CERTIFICATE_REQUIRED`.
 * @throws the signal's reason, and only that
 */
export function secureOver(socket: Socket, options: SecureOptions): Promise<Secured> {
  const { servername, context, alpn, wantStaple, patience, clock, signal } = options;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let stapleBytes = 0;
    let shown: Shown | null = null;
    let socketCode: string | null = null;
    let isAsked = false;
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
      secure.removeListener('keylog', keysMade);
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
      resolve({ secure: null, code: patience.judged(code), afterMs, shown });
    };
    const note = (error: Error) => {
      socketCode = codeOf(error);
    };
    const keysMade = () => {
      isAsked ||= asksForCertificate(secure);
    };
    const fail = (error: Error) => end(socketCode ?? handshakeCode(error, isAsked));
    const abort = () => {
      drop();
      reject(signal.reason);
    };
    const endWait = patience.wait(end);
    signal.addEventListener('abort', abort);
    socket.on('error', note);
    secure.on('error', fail);
    secure.on('keylog', keysMade);
    if (wantStaple)
      secure.once('OCSPResponse', (staple: Buffer | null) => {
        stapleBytes = staple?.length ?? 0;
        shown = shownBy(secure, stapleBytes);
      });
    secure.once('secureConnect', () => {
      const during = { fromMs: startedMs, toMs: clock.monotonicMs() };
      settle();
      // The type says Error, but the value is the code as a string when the chain does not verify.
      const chainFault = secure.authorized ? null : String(secure.authorizationError);
      resolve({ secure, handshakeMs: during.toMs - startedMs, during, chainFault, stapleBytes, shown });
    });
  });
}

/**
 * Called during the handshake, because a failed socket has no certificate. Node 20.20 returns the certificate only
 * once, so it is cached.
 */
function shownBy(secure: TLSSocket, stapleBytes: number): Shown | null {
  const leaf = secure.getPeerX509Certificate();
  if (leaf === undefined) return null;
  return { leaf, stapleBytes, protocol: secure.getProtocol() ?? '', cipher: null };
}

/**
 * Whether the server has sent a CertificateRequest. OpenSSL has a client's shared signature algorithms only from there.
 * Called when the keys are made, after the server's messages: a failed socket no longer says so.
 * Source: RFC 5246 section 7.4.4 (supported_signature_algorithms)
 */
const asksForCertificate = (secure: TLSSocket): boolean => secure.getSharedSigalgs().length > 0;

/** Node also reports ECONNRESET when the far end only closed. Only the message text distinguishes the two. */
function handshakeCode(error: Error, isAsked: boolean): string {
  if (error.message.includes('disconnected before secure TLS connection')) return 'closed';
  const code = codeOf(error);
  return REFUSAL.test(code) && isAsked ? CLIENT_CERTIFICATE_REQUIRED : code;
}

function ignore(): void {}
