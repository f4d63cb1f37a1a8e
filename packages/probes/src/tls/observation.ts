import type { Reporter } from '../contract/network-error.ts';
import type { Span } from '../contract/outcome.ts';
import type { ConnectTiming } from '../net/handshake-time.ts';

/** An address that could not be connected to. */
export interface AttemptFailed {
  readonly kind: 'attempt_failed';
  readonly address: string;
  /** errno's name, `timeout`, or `overtaken` when another address connected first. */
  readonly code: string;
  readonly reporter: Reporter;
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  readonly afterMs: number;
}

/** A connection whose handshake did not complete. */
export interface HandshakeFailed {
  readonly kind: 'handshake_failed';
  readonly address: string;
  readonly connectMs: number;
  readonly connectBy: ConnectTiming;
  /** When the process's clock timed connecting; empty: the kernel's did. */
  readonly connectDuring: readonly Span[];
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  readonly code: string;
  readonly afterMs: number;
}

/** One certificate, as details show it. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly fingerprint256: string;
  /** Names and addresses that it is for, the first hundred. */
  readonly names: readonly string[];
  readonly namesLeftOut: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly key: string;
}

/** A handshake in which the server presented its certificates, and the verdict on them. */
export interface Secured {
  readonly kind: 'secured';
  readonly address: string;
  readonly connectMs: number;
  readonly connectBy: ConnectTiming;
  /** When the process's clock timed connecting; empty: the kernel's did. */
  readonly connectDuring: readonly Span[];
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  /** null: the server ended it because it wants a client certificate. */
  readonly handshakeMs: number | null;
  /** The server wants a client certificate, which this probe never sends. */
  readonly wantsClientCertificate: boolean;
  /** When the handshake took place; empty where `handshakeMs` is null. */
  readonly handshakeDuring: readonly Span[];
  readonly validationMs: number;
  /** When the chain was checked. */
  readonly validationDuring: Span;
  /** From the server's certificate up, as far as issuers are known. */
  readonly path: readonly CertificateFacts[];
  /** Certificates that the server sent. */
  readonly sent: number;
  /** OpenSSL's verdict on the chain, or the probe's own if the server ended the handshake; null when it is valid. */
  readonly chainFault: string | null;
  /** The verdict of the timed check; it differs only where that check is less thorough. */
  readonly timedFault: string | null;
  readonly name: string;
  readonly nameMatches: boolean;
  readonly stapled: boolean;
  readonly protocol: string;
  /** null: the server ended the handshake before one was in use. */
  readonly cipher: string | null;
  /** Agreed on by ALPN; null when nothing was. */
  readonly alpn: string | null;
  readonly wallMs: number;
}

export type TlsObservation = AttemptFailed | HandshakeFailed | Secured;
