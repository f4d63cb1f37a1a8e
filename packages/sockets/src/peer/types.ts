import type { IpFamily } from '../kernel/ip-address.ts';

/** The one far end of a peer socket. */
export interface Peer {
  readonly family: IpFamily;
  /** A literal address. */
  readonly address: string;
  /** 1 to 65535 */
  readonly port: number;
}

/** The time of a send or a receive: the kernel's stamp, and the process's clocks. */
export interface WireTime {
  /** Kernel stamp in ns on the process's own axis; NaN when there is none (yet). */
  readonly stampNs: number;
  /** Counts steps of the wall clock: stamps with different epochs cannot be subtracted. */
  readonly epoch: number;
  /** Monotonic ns of the process, just before a send or just after a receive. */
  readonly monoNs: number;
}

/** A datagram that was handed to the kernel. Its stamp may become known only with its answer. */
export interface Departure extends WireTime {
  /** The datagram's number on its socket, from 0. */
  readonly index: number;
}

/** A datagram from the peer; others never reach the process. */
export interface Arrival extends WireTime {
  readonly payload: Buffer;
}

/** Why no answer will arrive: an ICMP error, or a refusal by this host's kernel. */
export interface PeerFailure {
  /** Symbolic errno, `ECONNREFUSED` for a closed port. */
  readonly code: string;
  readonly origin: 'icmp' | 'local';
  /** Who sent the ICMP error, if the kernel reports it. */
  readonly offender?: string;
}

/** Receives the events of a peer socket. */
export interface PeerListener {
  arrived(arrival: Arrival): void;
  /** At most once. */
  failed(failure: PeerFailure): void;
}

/** A datagram socket connected to one peer, served by the thread that opened it. */
export interface PeerSocket {
  /** @throws SystemCallError when the kernel refuses it */
  send(payload: Uint8Array): Departure;
  /** Reports pending events to the listener now; call it before giving up on an answer. */
  poll(): void;
  close(): void;
}
