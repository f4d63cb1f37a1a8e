import type { Reporter } from '../contract/network-error.ts';
import type { AbsenceReason } from '../contract/verdict.ts';

/** Something that could not be had, and why. */
export interface Absent {
  readonly absent: AbsenceReason;
}

/** What the kernel says of a connection at the moment it was established; each part may be absent. */
export interface ConnectionState {
  /** SYNs sent again before the connection stood. */
  readonly synRetransmits: number | Absent;
  /** Largest payload of a segment sent, bytes. */
  readonly mssBytes: number | Absent;
  readonly pathMtuBytes: number | Absent;
  readonly cwndSegments: number | Absent;
  /** Absent while it is infinite. */
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
  /** The errno's name, `timeout` when our own wait ended, `overtaken` when another address had connected. */
  readonly code: string;
  readonly reporter: Reporter;
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  readonly afterMs: number;
  /** Known only where the kernel could be asked before the socket was closed. */
  readonly synRetransmits: number | null;
}

/** An established connection. */
export interface Connected {
  readonly kind: 'connected';
  readonly address: string;
  readonly family: 4 | 6;
  /** From the connect call to Node's `connect` event, ms: the process's own figure. */
  readonly connectMs: number;
  /** From the start of the first attempt to that of this one. */
  readonly startedMs: number;
  /** Absent as a whole where the kernel cannot be asked. */
  readonly state: ConnectionState | Absent;
}

/** How the echo exchange on the connection ended; bytes are those that came back as they were sent. */
export type EchoEnd =
  | { readonly end: 'verified'; readonly rttMs: number; readonly bytes: number }
  | { readonly end: 'mismatch'; readonly bytes: number }
  | { readonly end: 'timeout'; readonly bytes: number }
  | { readonly end: 'closed'; readonly bytes: number }
  | { readonly end: 'failed'; readonly bytes: number; readonly code: string };

export interface Echoed {
  readonly kind: 'echoed';
  readonly sentBytes: number;
  readonly echo: EchoEnd;
}

/** What a tcp run sees, in this order: attempts that failed, at most one connection, at most one echo. */
export type TcpObservation = AttemptFailed | Connected | Echoed;
