import type { IpFamily } from '../kernel/ip-address.ts';

/** The one far end of a peer socket. */
export interface Peer {
  readonly family: IpFamily;
  /** A literal address. */
  readonly address: string;
  /** 1 to 65535 */
  readonly port: number;
}

/** When something was sent or came: the kernel's stamp, and the process's clocks beside it. */
export interface WireTime {
  /** Kernel stamp in ns on the process's own axis; NaN when there is none (yet). */
  readonly stampNs: number;
  /** Counts steps of the wall clock: stamps with different epochs cannot be subtracted. */
  readonly epoch: number;
  /** Monotonic ns of the process, just before a send or just after a receive. */
  readonly monoNs: number;
}

/** A datagram that was handed to the kernel. Its stamp may be known only when its answer comes. */
export interface Departure extends WireTime {
  /** The number of the datagram among those of its socket, from 0. */
  readonly index: number;
}

/** A datagram that came from the peer; others never reach the process. */
export interface Arrival extends WireTime {
  readonly payload: Buffer;
}

/** Why nothing more will come: an ICMP error, or this host's own kernel. */
export interface PeerFailure {
  /** Symbolic errno, `ECONNREFUSED` for a closed port. */
  readonly code: string;
  readonly origin: 'icmp' | 'local';
  /** Who sent the ICMP error, where the kernel told. */
  readonly offender?: string;
}

/** Who is told what happens at a peer socket. */
export interface PeerListener {
  arrived(arrival: Arrival): void;
  /** At most once. */
  failed(failure: PeerFailure): void;
}

/** A datagram socket connected to one peer, served by its own thread. */
export interface PeerSocket {
  /** @throws SystemCallError when the kernel does not take it */
  send(payload: Uint8Array): Departure;
  /** Tells the listener now of what has come by now; to be asked before an answer is given up. */
  look(): void;
  close(): void;
}
