import { createConnection, type Socket } from 'node:net';
import { setDscp, socketFd } from '@netsonde/sockets';
import type { Clock, ResolvedAddress } from '../contract/context.ts';
import { codeOf, type Reporter } from '../contract/network-error.ts';
import { synRetransmitsOf } from './kernel-state.ts';

export interface ConnectOptions {
  readonly port: number;
  readonly timeoutMs: number;
  readonly dscp: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How one attempt ended: an open socket that the caller must destroy, or why there is none. */
export type Attempt =
  | { readonly socket: Socket; readonly connectMs: number }
  | {
      readonly socket: null;
      readonly code: string;
      readonly reporter: Reporter;
      readonly afterMs: number;
      readonly synRetransmits: number | null;
    };

const ANY = { 4: '0.0.0.0', 6: '::' } as const;

/**
 * Connects to one address. The clock starts right before the connect call and ends with the `connect` event.
 * @throws the signal's reason, and only that
 */
export function connectOnce({ address, family }: ResolvedAddress, options: ConnectOptions): Promise<Attempt> {
  const { port, timeoutMs, dscp, clock, signal } = options;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    let startedMs = clock.monotonicMs();
    let reporter: Reporter = 'network';
    // A code point must be on the SYN already, and only a bound socket has a descriptor before it connects.
    const socket = createConnection({
      host: address,
      port,
      family,
      ...(dscp === 0 ? {} : { localAddress: ANY[family] }),
    });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const fail = (code: string, synRetransmits: number | null) => {
      const afterMs = clock.monotonicMs() - startedMs;
      settle();
      socket.destroy();
      resolve({ socket: null, code, reporter, afterMs, synRetransmits });
    };
    const abort = () => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    const timer = setTimeout(() => fail('timeout', synRetransmitsOf(socket)), timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    socket.on('connectionAttempt', () => {
      const refusal = dscp === 0 ? null : refusalOfDscp(socket, family, dscp);
      if (refusal !== null) process.nextTick(fail, refusal, null);
      // What the kernel refuses at once has destroyed the socket before the next tick: nothing has left this host.
      process.nextTick(() => {
        if (socket.destroyed) reporter = 'local';
      });
      startedMs = clock.monotonicMs();
    });
    socket.on('error', (error) => fail(codeOf(error), null));
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
