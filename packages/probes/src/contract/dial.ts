import { createConnection, type Socket } from 'node:net';
import type { Clock, ResolvedAddress } from './context.ts';
import { codeOf, GATEWAY_SILENT, type Reporter } from './network-error.ts';
import { silentGateway } from './silent-gateway.ts';

export interface DialOptions {
  readonly port: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How one attempt to connect ended: an open socket, paused, that the caller must destroy; or why there is none. */
export type Dialled =
  | { readonly socket: Socket; readonly connectMs: number }
  | { readonly socket: null; readonly code: string; readonly reporter: Reporter; readonly afterMs: number };

/**
 * Opens one TCP connection to one address, timed from right before the connect call to the `connect` event. The code of
 * a failure is an errno's name, or `timeout`.
 * @throws the signal's reason, and only that
 */
export function dial({ address, family }: ResolvedAddress, options: DialOptions): Promise<Dialled> {
  const { port, timeoutMs, clock, signal } = options;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let reporter: Reporter = 'local';
    const startedMs = clock.monotonicMs();
    const socket = createConnection({ host: address, port, family });
    // What this host's kernel refuses at once is told before the event loop turns: nothing has left then.
    setImmediate(() => {
      reporter = 'network';
    });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
    };
    const end = (code: string) => {
      const afterMs = clock.monotonicMs() - startedMs;
      settle();
      socket.on('error', ignore);
      socket.destroy();
      const unanswered = code === 'timeout' || code === 'EHOSTUNREACH';
      const gatewayIsSilent = unanswered && silentGateway(address) !== null;
      resolve({ socket: null, code: gatewayIsSilent ? GATEWAY_SILENT : code, reporter, afterMs });
    };
    const fail = (error: Error) => end(codeOf(error));
    const abort = () => {
      settle();
      socket.on('error', ignore);
      socket.destroy();
      reject(signal.reason);
    };
    const timer = setTimeout(end, timeoutMs, 'timeout');
    signal.addEventListener('abort', abort);
    socket.on('error', fail);
    socket.once('connect', () => {
      const connectMs = clock.monotonicMs() - startedMs;
      settle();
      resolve({ socket, connectMs });
    });
  });
}

/** A socket that is thrown away may still fail; nobody asks any more. */
function ignore(): void {}
