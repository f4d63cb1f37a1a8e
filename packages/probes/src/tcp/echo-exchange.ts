import type { Socket } from 'node:net';
import type { StopSignal } from '@netsonde/sockets';
import type { Clock } from '../contract/context.ts';
import { codeOf } from '../contract/network-error.ts';
import type { Patience } from '../net/patience.ts';
import type { EchoEnd } from './observation.ts';

export interface EchoOptions {
  readonly payload: Buffer;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly signal: StopSignal;
}

/**
 * Sends the payload and compares the echo with it, byte by byte, as it arrives. The time runs from the write to the
 * read of the last byte.
 * @throws the signal's reason, and only that
 */
export async function exchangeEcho(socket: Socket, options: EchoOptions): Promise<EchoEnd> {
  options.signal.throwIfAborted();
  if (socket.errored) return { end: 'failed', bytes: 0, code: codeOf(socket.errored) };
  if (socket.destroyed) return { end: 'closed', bytes: 0 };
  return exchange(socket, options);
}

function exchange(socket: Socket, { payload, patience, clock, signal }: EchoOptions): Promise<EchoEnd> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const settle = () => {
      endWait();
      signal.removeEventListener('abort', abort);
      socket.off('data', take).off('end', closed).off('close', closed).off('error', failed);
    };
    const end = (echo: EchoEnd) => {
      settle();
      resolve(echo);
    };
    const take = (chunk: Buffer) => {
      const nowMs = clock.monotonicMs();
      const alike = countAlike(chunk, payload.subarray(bytes));
      bytes += alike;
      if (alike < chunk.length) end({ end: 'mismatch', bytes });
      else if (bytes === payload.length) {
        const during = { fromMs: startedMs, toMs: nowMs };
        end({ end: 'verified', rttMs: nowMs - startedMs, during, bytes });
      }
    };
    const broke = (code: string) => {
      settle();
      resolve(endOf(patience.judged(code), bytes));
    };
    const closed = () => broke('closed');
    const failed = (error: Error) => broke(codeOf(error));
    const abort = () => {
      settle();
      reject(signal.reason);
    };
    const endWait = patience.wait(broke);
    signal.addEventListener('abort', abort);
    socket.on('data', take).on('end', closed).on('close', closed).on('error', failed);
    // Nagle's algorithm would hold back a last, partial segment until the far end has acknowledged those before it.
    socket.setNoDelay(true);
    const startedMs = clock.monotonicMs();
    socket.write(payload);
  });
}

const endOf = (code: string, bytes: number): EchoEnd =>
  code === 'closed' || code === 'timeout' ? { end: code, bytes } : { end: 'failed', bytes, code };

/** How many bytes of the chunk, from its start, are as expected. */
function countAlike(chunk: Buffer, expected: Buffer): number {
  if (chunk.equals(expected.subarray(0, chunk.length))) return chunk.length;
  return chunk.findIndex((byte, at) => byte !== expected[at]);
}
