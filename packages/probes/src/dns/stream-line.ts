import type { Duplex } from 'node:stream';
import { codeOf, explained, faultOf, type NetworkFault } from '../contract/network-error.ts';
import { Patience } from '../net/patience.ts';
import { type AskContext, type Line, randomId } from './line.ts';
import { encodeQuery, type Question, readAnswer } from './message.ts';
import type { Asked, Mismatch } from './observation.ts';

/** What the resolver may send beside the answer before it is given up: two messages of the largest size. */
const MOST_BYTES = 2 * 65_537;

/**
 * Asks over a stream that stands, TCP or TLS: each message has its length before it (RFC 1035 section 4.2.2).
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
    const mismatches: Mismatch[] = [];
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
      end({ end: 'failed', fault, operation: explained(`ask ${at}: ${code}`, code), mismatches });
    const abort = () => {
      settle();
      stream.on('error', ignore).destroy();
      reject(signal.reason);
    };
    const broke = (code: string) => {
      settle();
      const judged = patience.judged(code);
      if (judged === 'timeout') end({ end: 'silent', sent: 1, mismatches });
      else if (judged === 'closed') failed({ cause: 'closed_early', side: 'target' }, 'the connection was closed');
      else failed(faultOf(judged), judged);
    };
    const errored = (error: Error) => broke(codeOf(error));
    const closed = () => broke('closed');
    const take = (chunk: Buffer) => {
      const ms = clock.monotonicMs() - startedMs;
      for (const message of inbox.take(chunk)) {
        const read = readAnswer(message, question, (one) => one === id);
        if (typeof read !== 'string') {
          end({ end: 'answered', answer: read.answer, ms, stamps: 'process', sent: 1, mismatches });
          return;
        }
        mismatches.push(read);
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

/** Whole messages out of what came, in pieces or several at once. */
class Inbox {
  taken = 0;
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): readonly Buffer[] {
    this.taken += chunk.length;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (this.#rest.length >= 2) {
      const end = 2 + this.#rest.readUInt16BE(0);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(2, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}

function ignore(): void {}
