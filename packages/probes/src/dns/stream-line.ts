import type { Duplex } from 'node:stream';
import { codeOf, explained, faultOf, type NetworkFault } from '../contract/network-error.ts';
import { Patience } from '../net/patience.ts';
import { IgnoredCount } from './ignored.ts';
import { type AskContext, type Line, randomId } from './line.ts';
import { encodeQuery, type Question, readAnswer } from './message.ts';
import type { Asked } from './observation.ts';

/** Bytes that the resolver may send beside the answer before the probe gives up: two messages of the largest size. */
const MOST_BYTES = 2 * 65_537;

/**
 * Asks over an open stream, TCP or TLS: each message is preceded by its length (RFC 1035 section 4.2.2).
 * @param at the resolver, as operations name it
 */
export function streamLine(stream: Duplex, context: AskContext, timeoutMs: number, at: string): Line {
  return {
    ask: (question) => askOverStream(stream, context, question, timeoutMs, at),
    close: () => stream.destroy(),
  };
}

function askOverStream(
  stream: Duplex,
  context: AskContext,
  question: Question,
  timeoutMs: number,
  at: string,
): Promise<Asked> {
  const { clock, signal } = context;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const id = randomId(context);
    const patience = new Patience(clock, timeoutMs);
    const ignored = new IgnoredCount();
    const inbox = new Inbox();
    const settle = () => {
      endWait();
      signal.removeEventListener('abort', abort);
      stream.removeListener('data', take).removeListener('error', errored).removeListener('close', closed);
    };
    const end = (asked: Asked) => {
      settle();
      resolve(asked);
    };
    const failed = (fault: NetworkFault, code: string) =>
      end({ end: 'failed', fault, operation: explained(`ask ${at}: ${code}`, code), ignored });
    const abort = () => {
      settle();
      stream.on('error', ignore).destroy();
      reject(signal.reason);
    };
    const broke = (code: string) => {
      settle();
      const judged = patience.judged(code);
      if (judged === 'timeout') end({ end: 'silent', sent: 1, ignored });
      else if (judged === 'closed') failed({ cause: 'closed_early', side: 'target' }, 'the connection was closed');
      else failed(faultOf(judged), judged);
    };
    const errored = (error: Error) => broke(codeOf(error));
    const closed = () => broke('closed');
    const take = (chunk: Buffer) => {
      const during = { fromMs: startedMs, toMs: clock.monotonicMs() };
      const ms = during.toMs - startedMs;
      for (const message of inbox.take(chunk)) {
        const read = readAnswer(message, question, (one) => one === id);
        if (typeof read !== 'string') {
          end({ end: 'answered', answer: read.answer, ms, stamps: 'process', during: [during], sent: 1, ignored });
          return;
        }
        ignored.add(read);
      }
      if (inbox.taken > MOST_BYTES)
        failed({ cause: 'protocol_violation', side: 'target' }, 'too much that is no answer');
    };
    const endWait = patience.wait(broke);
    signal.addEventListener('abort', abort);
    stream.on('data', take).on('error', errored).on('close', closed);
    const startedMs = clock.monotonicMs();
    stream.write(withLength(encodeQuery(question, id)));
    if (stream.destroyed) closed();
  });
}

function withLength(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 2);
  framed.writeUInt16BE(message.length);
  message.copy(framed, 2);
  return framed;
}

/** Splits a stream into whole messages, which may arrive in pieces or several at once. */
class Inbox {
  taken = 0;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes of the partial message, including its length field; null while the length is unknown. */
  #wanted: number | null = null;

  *take(chunk: Buffer): Generator<Buffer> {
    this.taken += chunk.length;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    for (;;) {
      if (this.#wanted === null && this.#held >= 2) this.#wanted = 2 + this.#joined().readUInt16BE(0);
      if (this.#wanted === null || this.#held < this.#wanted) return;
      const all = this.#joined();
      const message = all.subarray(2, this.#wanted);
      this.#chunks = [all.subarray(this.#wanted)];
      this.#held -= this.#wanted;
      this.#wanted = null;
      yield message;
    }
  }

  /** Joins the held pieces, so that each byte is copied at most twice. */
  #joined(): Buffer {
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

function ignore(): void {}
