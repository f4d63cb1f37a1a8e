import { createConnection, type Socket } from 'node:net';
import { setDscp, socketFd, tcpInfo, whyNotSupported } from '@netsonde/sockets';
import type { Clock, ResolvedAddress } from '../contract/context.ts';
import { codeOf, type Reporter } from '../contract/network-error.ts';
import type { Span } from '../contract/outcome.ts';
import { type ConnectTiming, kernelHandshakeMs } from './handshake-time.ts';

export interface DialOptions {
  readonly port: number;
  /** Code point of all segments, the SYN included; 0 when absent. */
  readonly dscp?: number;
  readonly clock: Clock;
}

/**
 * The result of one attempt to connect: an open socket, paused, that the caller must destroy, or the reason for the
 * failure.
 */
export type Dialled = ({ readonly socket: Socket } & ConnectTime) | ({ readonly socket: null } & Unconnected);

/** How long connecting took. */
export interface ConnectTime {
  /** `kernel`: from the SYN to the SYN-ACK; `process`: from the connect call to the `connect` event; ms. */
  readonly connectMs: number;
  readonly connectBy: ConnectTiming;
  /** When the process’s clock timed it; empty: the kernel’s did. */
  readonly connectDuring: readonly Span[];
}

/** Why there is no connection. */
export interface Unconnected {
  /** An errno's name, or what {@link Dialling.giveUp} was called with. */
  readonly code: string;
  readonly reporter: Reporter;
  readonly afterMs: number;
  /** Retransmitted SYNs. Known only for an abandoned attempt, and where the kernel can be queried. */
  readonly synRetransmits: number | null;
}

/** A connection attempt in progress. It lasts as long as the kernel's own timeout, unless `giveUp` ends it. */
export interface Dialling {
  /** Never rejects. */
  readonly ended: Promise<Dialled>;
  /** Ends the attempt with this code, if it is still in progress. */
  giveUp(code: string): void;
}

const ANY = { 4: '0.0.0.0', 6: '::' } as const;

/** Opens one TCP connection to one address, timed by the kernel where it can. */
export function dial({ address, family }: ResolvedAddress, { port, dscp = 0, clock }: DialOptions): Dialling {
  let reporter: Reporter = 'network';
  let startedMs = clock.monotonicMs();
  let hasEnded = false;
  let settle: (dialled: Dialled) => void = () => {};
  const ended = new Promise<Dialled>((resolve) => {
    settle = resolve;
  });
  // The SYN must carry the code point, and only a bound socket has a descriptor before it connects.
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
    // If the kernel refuses at once, the socket is destroyed before the next tick, and nothing has left this host.
    process.nextTick(() => {
      if (socket.destroyed) reporter = 'local';
    });
    startedMs = clock.monotonicMs();
  });
  socket.once('connect', () => {
    if (hasEnded) return;
    hasEnded = true;
    const during = { fromMs: startedMs, toMs: clock.monotonicMs() };
    const kernelMs = kernelHandshakeMs(socket);
    socket.removeListener('error', fail);
    settle(
      kernelMs === null
        ? { socket, connectMs: during.toMs - during.fromMs, connectBy: 'process', connectDuring: [during] }
        : { socket, connectMs: kernelMs, connectBy: 'kernel', connectDuring: [] },
    );
  });
  return { ended, giveUp: (code) => end(code, hasEnded ? null : synRetransmitsOf(socket)) };
}

/** Sets the code point of a bound socket; returns the errno's name when the kernel refuses or cannot be called. */
function refusalOfDscp(socket: Socket, family: 4 | 6, dscp: number): string | null {
  try {
    setDscp(socketFd(socket), family, dscp);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** Reads a socket that is still connecting. After the close the kernel has no data on it. */
function synRetransmitsOf(socket: Socket): number | null {
  if (socket.destroyed || whyNotSupported() !== undefined) return null;
  try {
    return tcpInfo(socketFd(socket)).totalRetransmits ?? null;
  } catch {
    return null;
  }
}

/** A discarded socket may still emit an error, which nobody needs. */
function ignore(): void {}
