import type { Reporter } from '../contract/network-error.ts';
import type { Span } from '../contract/outcome.ts';
import type { AbsenceReason } from '../contract/verdict.ts';
import type { ConnectTiming } from '../net/handshake-time.ts';

/** A value that was not available, and why. */
export interface Absent {
  readonly absent: AbsenceReason;
}

/** The kernel's data on a connection when it was established; each part may be absent. */
export interface ConnectionState {
  /** SYNs retransmitted before the connection was established. */
  readonly synRetransmits: number | Absent;
  /** Largest payload of a segment sent, bytes. */
  readonly mssBytes: number | Absent;
  readonly pathMtuBytes: number | Absent;
  readonly cwndSegments: number | Absent;
  /** Absent while it is unlimited. */
  readonly ssthreshSegments: number | Absent;
  /** Smoothed round trip and its mean deviation, us; absent while the kernel has no sample. */
  readonly srttUs: number | Absent;
  readonly rttvarUs: number | Absent;
  readonly sack: boolean;
  readonly timestamps: boolean;
  /** Shifts that the two sides agreed on. */
  readonly windowScale: { readonly send: number; readonly receive: number } | Absent;
  readonly ecn: boolean | Absent;
  readonly congestionAlgorithm: string | Absent;
}

/** An address that could not be connected to. */
export interface AttemptFailed {
  readonly kind: 'attempt_failed';
  readonly address: string;
  /** The errno's name, `timeout` when our own wait ended, `overtaken` when another address connected first. */
  readonly code: string;
  readonly reporter: Reporter;
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  readonly afterMs: number;
  /** Known only where the kernel could be queried before the socket was closed. */
  readonly synRetransmits: number | null;
}

/** An established connection. */
export interface Connected {
  readonly kind: 'connected';
  readonly address: string;
  readonly family: 4 | 6;
  /** ms */
  readonly connectMs: number;
  readonly connectBy: ConnectTiming;
  /** When the process's clock timed it; empty: the kernel's did. */
  readonly connectDuring: readonly Span[];
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  /** Absent where the kernel cannot be queried. */
  readonly state: ConnectionState | Absent;
}

/** How the echo exchange on the connection ended; bytes counts those that returned unchanged. */
export type EchoEnd =
  | { readonly end: 'verified'; readonly rttMs: number; readonly during: Span; readonly bytes: number }
  | { readonly end: 'mismatch'; readonly bytes: number }
  | { readonly end: 'timeout'; readonly bytes: number }
  | { readonly end: 'closed'; readonly bytes: number }
  | { readonly end: 'failed'; readonly bytes: number; readonly code: string };

export interface Echoed {
  readonly kind: 'echoed';
  readonly sentBytes: number;
  readonly echo: EchoEnd;
}

/** The observations of a tcp run, in this order: attempts that failed, at most one connection, at most one echo. */
export type TcpObservation = AttemptFailed | Connected | Echoed;
