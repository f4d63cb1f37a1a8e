import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { StopSignal } from '@netsonde/sockets';
import type { Clock } from '../contract/context.ts';
import { codeOf } from '../contract/network-error.ts';
import type { Patience } from '../net/patience.ts';

/** One request to send over an open connection. */
export interface ExchangeRequest {
  /** What HTTP is spoken over: the TCP socket, or TLS over it. */
  readonly stream: Duplex;
  /** The TCP socket, whose bytes are counted. */
  readonly raw: Socket;
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value ... */
  readonly headers: readonly string[];
  readonly body: string;
  readonly maxBodyBytes: number;
  /** Whether the content is wanted, for its checks or its decoding. */
  readonly keepContent: (answer: IncomingMessage) => boolean;
  /** The server is asked to keep the connection open. */
  readonly keepAlive: boolean;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly signal: StopSignal;
}

/** What came back. Times of the run's monotonic clock, ms. */
export interface Exchanged {
  /** null when no whole head came. */
  readonly answer: IncomingMessage | null;
  readonly startedMs: number;
  /** null when not a byte came. */
  readonly firstByteMs: number | null;
  readonly endedMs: number;
  /** null: the answer is whole, or was cut at the owner's limit. `timeout`, `closed`, an errno's name or llhttp's `HPE_...`. */
  readonly code: string | null;
  readonly truncated: boolean;
  readonly encodedBytes: number;
  readonly bytesAfterFirstRead: number;
  readonly content: readonly Buffer[];
  /** The connection can carry another request. */
  readonly reusable: boolean;
}

/**
 * Sends one request and reads its answer to the end, to the limit, to the timeout or to a failure. The connection is left
 * open only when it is `reusable`.
 * @throws the signal's reason, and only that
 */
export function exchange(wanted: ExchangeRequest): Promise<Exchanged> {
  const { stream, raw, patience, clock, signal, maxBodyBytes } = wanted;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | null = null;
    let firstByteMs: number | null = null;
    let bytesAtFirstRead = 0;
    let encodedBytes = 0;
    let socketCode: string | null = null;
    let settled = false;
    const content: Buffer[] = [];
    const startedMs = clock.monotonicMs();
    const sent = request({
      method: wanted.method,
      path: wanted.path,
      headers: wanted.headers,
      createConnection: () => stream,
    });
    // Without an agent of Node's a request takes its connection for its own, whatever its headers say.
    sent.shouldKeepAlive = wanted.keepAlive;
    const onFirstByte = () => {
      firstByteMs = clock.monotonicMs();
      bytesAtFirstRead = raw.bytesRead;
    };
    const note = (error: Error) => {
      socketCode ??= codeOf(error);
    };
    const settle = () => {
      settled = true;
      endWait();
      signal.removeEventListener('abort', abort);
      stream.removeListener('data', onFirstByte);
      if (raw !== stream) raw.removeListener('error', note);
    };
    const end = (code: string | null, truncated = false) => {
      if (settled) return;
      const endedMs = clock.monotonicMs();
      const bytesAfterFirstRead = firstByteMs === null ? 0 : raw.bytesRead - bytesAtFirstRead;
      settle();
      const reusable =
        code === null && !truncated && sent.shouldKeepAlive && sent.writableFinished && !stream.destroyed;
      const exchanged: Exchanged = {
        answer,
        startedMs,
        firstByteMs,
        endedMs,
        code: code === null ? null : patience.judged(code),
        truncated,
        encodedBytes,
        bytesAfterFirstRead,
        content,
        reusable,
      };
      if (reusable) {
        stream.removeListener('error', note);
        sent.once('close', () => resolve(exchanged));
        return;
      }
      if (code !== null || truncated) sent.destroy();
      stream.destroy();
      if (raw !== stream) raw.destroy();
      resolve(exchanged);
    };
    const abort = () => {
      if (settled) return;
      settle();
      sent.destroy();
      stream.destroy();
      raw.destroy();
      reject(signal.reason);
    };
    const endWait = patience.wait(end);
    signal.addEventListener('abort', abort);
    // Before the request's own listener, which newer versions of Node add at once.
    stream.prependListener('error', note);
    if (raw !== stream) raw.prependListener('error', note);
    sent.once('socket', () => stream.prependOnceListener('data', onFirstByte));
    sent.on('error', (error) => end(failureCode(error, socketCode)));
    sent.once('upgrade', (message: IncomingMessage) => {
      answer = message;
      sent.shouldKeepAlive = false;
      end(null);
    });
    sent.once('response', (message) => {
      answer = message;
      const keep = wanted.keepContent(message);
      message.on('data', (chunk: Buffer) => {
        encodedBytes += chunk.length;
        if (keep) content.push(chunk);
        if (encodedBytes > maxBodyBytes) end(null, true);
      });
      message.once('end', () => end(null));
      // Such an answer ends with its head (RFC 9112, section 6.3); Node 20.19 waits for the content that its length promises.
      if (message.statusCode === 204 || message.statusCode === 304)
        setImmediate(() => {
          if (message.complete) return;
          sent.shouldKeepAlive = false;
          end(null);
        });
      message.on('error', (error) => end(failureCode(error, socketCode)));
    });
    sent.end(wanted.method === 'POST' ? wanted.body : undefined);
  });
}

/** Node says ECONNRESET also where the far end just closed: only the socket itself knows of a reset. */
function failureCode(error: Error, socketCode: string | null): string {
  const code = codeOf(error);
  if (code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return socketCode ?? 'closed';
  return code;
}
