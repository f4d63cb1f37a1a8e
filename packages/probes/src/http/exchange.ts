import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { StopSignal } from '@netsonde/sockets';
import type { Clock } from '../contract/context.ts';
import { codeOf } from '../contract/network-error.ts';
import type { Irregularity } from '../net/http1/irregularity.ts';
import { requestBytes } from '../net/http1/request-bytes.ts';
import { type ResponseHead, ResponseReader } from '../net/http1/response-reader.ts';
import type { Patience } from '../net/patience.ts';
import { ByteStore } from './content/byte-store.ts';

const NOTHING = Buffer.alloc(0);

/** One request to send over an open connection. */
export interface ExchangeRequest {
  /** The stream that carries HTTP: the TCP socket, or TLS over it. */
  readonly stream: Duplex;
  /** The TCP socket, whose bytes are counted. */
  readonly raw: Socket;
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value ... */
  readonly headers: readonly string[];
  readonly body: string;
  readonly maxBodyBytes: number;
  /** How many bytes of the content are kept. */
  readonly bytesToKeep: (head: ResponseHead) => number;
  /** Whether to ask the server to keep the connection open. */
  readonly keepAlive: boolean;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly signal: StopSignal;
}

/** The answer to a request. Times of the run's monotonic clock, ms. */
export interface Exchanged {
  /** null when no complete head was received. */
  readonly answer: ResponseHead | null;
  readonly startedMs: number;
  /** null when no byte was received. */
  readonly firstByteMs: number | null;
  readonly endedMs: number;
  /**
   * null: the answer is complete, or was cut at the owner's limit. `timeout`, an errno's name, or a fault of the
   * reader.
   */
  readonly code: string | null;
  readonly truncated: boolean;
  readonly encodedBytes: number;
  readonly bytesAfterFirstRead: number;
  /** The first bytes of the content, as transferred: up to the requested number. */
  readonly content: Buffer;
  /** Violations of HTTP that the reader tolerated. */
  readonly irregularities: ReadonlySet<Irregularity>;
  /** The connection can carry another request. */
  readonly reusable: boolean;
}

/**
 * Sends one request and reads its answer to the end, to the limit, to the timeout or to a failure. The connection is left
 * open only when it is `reusable`.
 * @throws the signal's reason, and only that
 */
export function exchange(wanted: ExchangeRequest): Promise<Exchanged> {
  if (wanted.signal.aborted) return Promise.reject(wanted.signal.reason);
  return new Promise((resolve, reject) => new Exchange(wanted, resolve, reject));
}

/**
 * One exchange in progress. It listens to the connection from the request until the answer is complete or has failed.
 */
class Exchange {
  readonly #wanted: ExchangeRequest;
  readonly #resolve: (exchanged: Exchanged) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #reader: ResponseReader;
  readonly #startedMs: number;
  readonly #endWait: () => void;
  #content: ByteStore | null = null;
  #answer: ResponseHead | null = null;
  #firstByteMs: number | null = null;
  #bytesAtFirstRead = 0;
  #encodedBytes = 0;
  #written = false;
  #settled = false;

  constructor(wanted: ExchangeRequest, resolve: (exchanged: Exchanged) => void, reject: (reason: unknown) => void) {
    const { stream, raw, signal, patience, clock } = wanted;
    this.#wanted = wanted;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#reader = new ResponseReader(this, wanted.method === 'HEAD');
    this.#endWait = patience.wait((why) => this.#end(why));
    signal.addEventListener('abort', this.#abort);
    stream.on('data', this.#read);
    stream.on('end', this.#closed);
    stream.on('close', this.#closed);
    stream.on('error', this.#failed);
    if (raw !== stream) raw.on('error', this.#failed);
    this.#startedMs = clock.monotonicMs();
    stream.write(requestBytes(wanted), () => {
      this.#written = true;
    });
  }

  /** For the reader: the final answer's head is complete. */
  head(head: ResponseHead): void {
    this.#answer = head;
    const bytes = this.#wanted.bytesToKeep(head);
    if (bytes > 0) this.#content = new ByteStore(bytes);
  }

  /** For the reader: content was received. */
  content(bytes: Buffer, from: number, to: number): void {
    this.#encodedBytes += to - from;
    this.#content?.add(bytes, from, to);
  }

  readonly #read = (bytes: Buffer): void => {
    if (this.#firstByteMs === null) {
      this.#firstByteMs = this.#wanted.clock.monotonicMs();
      this.#bytesAtFirstRead = this.#wanted.raw.bytesRead;
    }
    this.#reader.push(bytes);
    if (this.#encodedBytes > this.#wanted.maxBodyBytes) this.#end(null, true);
    else if (this.#reader.state !== 'reading') this.#readerEnded();
  };

  readonly #closed = (): void => {
    this.#reader.end();
    this.#readerEnded();
  };

  readonly #failed = (error: Error): void => this.#end(codeOf(error));

  readonly #abort = (): void => {
    if (this.#settled) return;
    this.#settle();
    this.#destroy();
    this.#reject(this.#wanted.signal.reason);
  };

  #readerEnded(): void {
    const { state } = this.#reader;
    this.#end(state === 'complete' || state === 'reading' ? null : state);
  }

  #end(code: string | null, truncated = false): void {
    if (this.#settled) return;
    const { clock, raw, stream, patience, keepAlive } = this.#wanted;
    const endedMs = clock.monotonicMs();
    this.#settle();
    const { irregularities } = this.#reader;
    const reusable =
      code === null &&
      !truncated &&
      keepAlive &&
      this.#written &&
      this.#answer?.persistent === true &&
      !irregularities.has('bytes_after_answer') &&
      !stream.destroyed;
    if (!reusable) this.#destroy();
    this.#resolve({
      answer: this.#answer,
      startedMs: this.#startedMs,
      firstByteMs: this.#firstByteMs,
      endedMs,
      code: code === null ? null : patience.judged(code),
      truncated,
      encodedBytes: this.#encodedBytes,
      bytesAfterFirstRead: this.#firstByteMs === null ? 0 : raw.bytesRead - this.#bytesAtFirstRead,
      content: this.#content?.kept ?? NOTHING,
      irregularities,
      reusable,
    });
  }

  #settle(): void {
    const { signal, stream, raw } = this.#wanted;
    this.#settled = true;
    this.#endWait();
    signal.removeEventListener('abort', this.#abort);
    stream.removeListener('data', this.#read);
    stream.removeListener('end', this.#closed);
    stream.removeListener('close', this.#closed);
    stream.removeListener('error', this.#failed);
    if (raw !== stream) raw.removeListener('error', this.#failed);
  }

  #destroy(): void {
    const { stream, raw } = this.#wanted;
    stream.destroy();
    if (raw !== stream) raw.destroy();
  }
}
