import { createConnection, type Socket } from 'node:net';
import { setDscp, socketFd, tcpInfo, whyNotSupported } from '@netsonde/sockets';
import type { Clock, ResolvedAddress } from '../contract/context.ts';
import { codeOf, type Reporter } from '../contract/network-error.ts';

export interface DialOptions {
  readonly port: number;
  /** Code point of all segments, the SYN included; 0 when absent. */
  readonly dscp?: number;
  readonly clock: Clock;
}

/** How one attempt to connect ended: an open socket, paused, that the caller must destroy; or why there is none. */
export type Dialled =
  | { readonly socket: Socket; readonly connectMs: number }
  | ({ readonly socket: null } & Unconnected);

/** Why there is no connection. */
export interface Unconnected {
  /** An errno's name, or what {@link Dialling.giveUp} was called with. */
  readonly code: string;
  readonly reporter: Reporter;
  readonly afterMs: number;
  /** SYNs sent again; known only of an attempt that was given up, and where the kernel can be asked. */
  readonly synRetransmits: number | null;
}

/** An attempt that is under way. It waits as long as the kernel does, unless it is given up. */
export interface Dialling {
  /** Never rejects. */
  readonly ended: Promise<Dialled>;
  /** Ends the attempt with this code, unless it has ended. */
  giveUp(code: string): void;
}

const ANY = { 4: '0.0.0.0', 6: '::' } as const;

/** Opens one TCP connection to one address, timed from right before the connect call to the `connect` event. */
export function dial({ address, family }: ResolvedAddress, { port, dscp = 0, clock }: DialOptions): Dialling {
  let reporter: Reporter = 'network';
  let startedMs = clock.monotonicMs();
  let hasEnded = false;
  let settle: (dialled: Dialled) => void = () => {};
  const ended = new Promise<Dialled>((resolve) => {
    settle = resolve;
  });
  // A code point must be on the SYN already, and only a bound socket has a descriptor before it connects.
  const bound = dscp === 0 ? {} : { localAddress: ANY[family] };
  const socket = createConnection({ host: address, port, family, ...bound });
  const end = (code: string, synRetransmits: number | null = null) => {
    if (hasEnded) return;
    hasEnded = true;
    const afterMs = clock.monotonicMs() - startedMs;
    socket.removeListener('error', fail).on('error', ignore).destroy();
    settle({ socket: null, code, reporter, afterMs, synRetransmits });
  };
  const fail = (error: Error) => end(codeOf(error));
  socket.on('error', fail);
  socket.once('connectionAttempt', () => {
    const refusal = dscp === 0 ? null : refusalOfDscp(socket, family, dscp);
    if (refusal !== null) process.nextTick(end, refusal);
    // What the kernel refuses at once has destroyed the socket before the next tick: nothing has left this host.
    process.nextTick(() => {
      if (socket.destroyed) reporter = 'local';
    });
    startedMs = clock.monotonicMs();
  });
  socket.once('connect', () => {
    if (hasEnded) return;
    hasEnded = true;
    const connectMs = clock.monotonicMs() - startedMs;
    socket.removeListener('error', fail);
    settle({ socket, connectMs });
  });
  return { ended, giveUp: (code) => end(code, hasEnded ? null : synRetransmitsOf(socket)) };
}

/** Marks a bound socket; the errno's name when the kernel cannot be asked or refuses. */
function refusalOfDscp(socket: Socket, family: 4 | 6, dscp: number): string | null {
  try {
    setDscp(socketFd(socket), family, dscp);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** Of a socket that is still connecting: once it is closed the kernel knows nothing of it. */
function synRetransmitsOf(socket: Socket): number | null {
  if (socket.destroyed || whyNotSupported() !== undefined) return null;
  try {
    return tcpInfo(socketFd(socket)).totalRetransmits ?? null;
  } catch {
    return null;
  }
}

/** A socket that is thrown away may still fail; nobody asks any more. */
function ignore(): void {}
