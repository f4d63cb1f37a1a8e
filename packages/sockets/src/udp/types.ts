import type { IpFamily } from '../kernel/ip-address.ts';

/** How a datagram socket is opened. */
export interface UdpOptions {
  readonly family: IpFamily;
  /** A literal local address to bind to; absent: any. */
  readonly localAddress?: string;
  /** A local port; absent: one that the kernel chooses. */
  readonly localPort?: number;
  /** DSCP to send with, 0 to 63. */
  readonly dscp?: number;
  /** All is sent to one address. From the first send on the kernel drops what others send to this socket. */
  readonly onePeer?: boolean;
}

/** A datagram was handed to the kernel. */
export interface UdpSent {
  readonly kind: 'sent';
  /** The number that `send` returned. */
  readonly id: number;
  /** Kernel send stamp (or, without one, the process's clock): wall-clock nanoseconds since `baseSeconds`. */
  readonly txNs: number;
  readonly stamp: 'kernel' | 'process';
  /** Counts steps of the wall clock: times with different epochs cannot be subtracted. */
  readonly epoch: number;
  /** Monotonic nanoseconds just before the send: the time axis for times that cannot be subtracted otherwise. */
  readonly monoNs: number;
}

/** A datagram was received. */
export interface UdpReceived {
  readonly kind: 'received';
  readonly payload: Uint8Array;
  readonly address: string;
  readonly port: number;
  /** Kernel receive stamp, on the same axis as `txNs`. */
  readonly rxNs: number;
  readonly stamp: 'kernel' | 'process';
  readonly epoch: number;
  /** Monotonic nanoseconds just after the receive. */
  readonly monoNs: number;
  /** Received TTL or hop limit; absent if the kernel did not say. */
  readonly ttl?: number;
}

/** An error about something sent: an ICMP error of the network, or the kernel's refusal. */
export interface UdpError {
  readonly kind: 'error';
  /** `icmp`: a host or router reported it; `local`: this host's kernel did. */
  readonly origin: 'icmp' | 'local';
  /** Symbolic errno, `ECONNREFUSED` for a closed port. */
  readonly code: string;
  readonly errno: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** Path MTU in bytes that a "too big" error reported. */
  readonly mtu?: number;
  /** Who sent the ICMP error. */
  readonly offender?: string;
  /** Where the datagram was sent to. */
  readonly address?: string;
  readonly port?: number;
  /** The datagram that was refused at the send; absent for ICMP errors, which quote the payload instead. */
  readonly id?: number;
  /** The beginning of the payload of the datagram that the error is about; empty if not quoted. */
  readonly payload: Uint8Array;
  /** When the error was read: monotonic nanoseconds, the kernel's stamp of it on the socket's axis if it gave one. */
  readonly monoNs: number;
  readonly rxNs?: number;
}

/** An event of a datagram socket. */
export type UdpEvent = UdpSent | UdpReceived | UdpError;

/** A datagram socket whose times are the kernel's. */
export interface UdpSocket {
  readonly family: IpFamily;
  readonly localAddress: string;
  readonly localPort: number;
  /** Where the socket's time axis begins: whole seconds since 1970. `baseSeconds + rxNs / 1e9` is Unix time. */
  readonly baseSeconds: number;
  /**
   * Sends one datagram; returns its number, which is in its `sent` event (or in the `error` of a refusal).
   * @throws RangeError for a wrong address or port, Error when closed
   */
  send(payload: Uint8Array, address: string, port: number): number;
  /** Calls `listener` for each event from now on. */
  listen(listener: (event: UdpEvent) => void): void;
  /** All events from now on, until the socket is closed. */
  events(): AsyncIterableIterator<UdpEvent>;
  close(): Promise<void>;
}
