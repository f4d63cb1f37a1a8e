import type { UdpEvent } from './types.ts';

/** A socket that the thread serves from now on. */
export interface AdoptMessage {
  readonly kind: 'adopt';
  readonly socket: number;
  readonly fd: number;
  /** The first send connects the socket, so that the kernel drops the datagrams of strangers. */
  readonly onePeer: boolean;
  /** Present: the thread answers each datagram itself and reports nothing. */
  readonly echo?: EchoRules;
}

/** Whose datagrams an echo socket answers. */
export interface EchoRules {
  /** Senders with a lower port are not answered. */
  readonly leastPort: number;
  /** Nor is this one; 0: none. */
  readonly exceptPort: number;
}

/** A datagram to send; `name` is the destination as a socket address. */
export interface SendMessage {
  readonly kind: 'send';
  readonly socket: number;
  readonly id: number;
  readonly payload: Uint8Array;
  readonly name: Uint8Array;
}

/** A socket to close. */
export interface DropMessage {
  readonly kind: 'drop';
  readonly socket: number;
}

/** What happened at a socket. */
export interface EventsMessage {
  readonly kind: 'events';
  readonly socket: number;
  readonly events: readonly UdpEvent[];
}

/** The thread closed a socket; it reports nothing afterwards. */
export interface DroppedMessage {
  readonly kind: 'dropped';
  readonly socket: number;
}
