import { createConnection, type Socket } from 'node:net';
import { type StopSignal, setDscp, socketFd, tcpInfo, whyNotSupported } from '@netsonde/sockets';
import type { Clock, ResolvedAddress } from '../contract/context.ts';
import { codeOf, type Reporter } from '../contract/network-error.ts';
import type { Patience } from './patience.ts';

export interface DialOptions {
  readonly port: number;
  readonly patience: Patience;
  /** Attempts that share the patience, this one included; 1 when absent. */
  readonly attempts?: number;
  /** Code point of all segments, the SYN included; 0 when absent. */
  readonly dscp?: number;
  readonly clock: Clock;
  readonly signal: StopSignal;
}

/** How one attempt to connect ended: an open socket, paused, that the caller must destroy; or why there is none. */
export type Dialled =
  | { readonly socket: Socket; readonly connectMs: number }
  | ({ readonly socket: null } & Unconnected);

/** Why there is no connection. */
export interface Unconnected {
  /** An errno's name, `timeout`, or `AGENT_STALLED`. */
  readonly code: string;
  readonly reporter: Reporter;
  readonly afterMs: number;
  /** SYNs sent again; known only where time was up, and where the kernel can be asked. */
  readonly synRetransmits: number | null;
}

const ANY = { 4: '0.0.0.0', 6: '::' } as const;

/**
 * Opens one TCP connection to one address, timed from right before the connect call to the `connect` event.
 * @throws the signal's reason, and only that
 */
export function dial({ address, family }: ResolvedAddress, options: DialOptions): Promise<Dialled> {
  const { port, patience, attempts = 1, dscp = 0, clock, signal } = options;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let reporter: Reporter = 'network';
    let startedMs = clock.monotonicMs();
    // A code point must be on the SYN already, and only a bound socket has a descriptor before it connects.
    const bound = dscp === 0 ? {} : { localAddress: ANY[family] };
    const socket = createConnection({ host: address, port, family, ...bound });
    const settle = () => {
      endWait();
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
    };
    const drop = () => {
      settle();
      socket.on('error', ignore);
      socket.destroy();
    };
    const end = (code: string, synRetransmits: number | null = null) => {
      const afterMs = clock.monotonicMs() - startedMs;
      drop();
      resolve({ socket: null, code, reporter, afterMs, synRetransmits });
    };
    const fail = (error: Error) => end(codeOf(error));
    const abort = () => {
      drop();
      reject(signal.reason);
    };
    const endWait = patience.wait((why) => end(why, synRetransmitsOf(socket)), attempts);
    signal.addEventListener('abort', abort);
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
      const connectMs = clock.monotonicMs() - startedMs;
      settle();
      resolve({ socket, connectMs });
    });
  });
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
  return tcpInfo(socketFd(socket)).totalRetransmits ?? null;
}

/** A socket that is thrown away may still fail; nobody asks any more. */
function ignore(): void {}
