import { MSG_DONTWAIT } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import type { EchoRules } from './boundary.ts';
import { writeAnswerFrom } from './packet-info.ts';
import type { UdpEvent } from './types.ts';

/** Most batches that one socket handles per pass. */
const ROUNDS = 16;
const NOTHING: readonly UdpEvent[] = Object.freeze([]);

/** A socket that sends each datagram back to its sender, from the address that the datagram was sent to. */
export class EchoSocket {
  readonly number: number;
  readonly fd: number;
  readonly awaitsStamps = false;
  readonly #rules: EchoRules;
  readonly #received: MessageBatch;
  readonly #answers: MessageBatch;

  /** @param received the batch of the thread, in use during `drain` alone */
  constructor(number: number, fd: number, rules: EchoRules, received: MessageBatch) {
    this.number = number;
    this.fd = fd;
    this.#rules = rules;
    this.#received = received;
    const { capacity, payloadBytes } = received.shape;
    this.#answers = new MessageBatch({ capacity, nameBytes: 32, controlBytes: 64, payloadBytes });
  }

  /** Echo sockets report nothing. */
  takeEvents(): readonly UdpEvent[] {
    return NOTHING;
  }

  /** Answers pending datagrams; true if there were any. */
  drain(): boolean {
    const { capacity } = this.#received.shape;
    let total = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      this.#received.prepareReceive(capacity);
      const count = libc().recvmmsg(this.fd, this.#received.address, capacity, MSG_DONTWAIT, null);
      if (count <= 0) break;
      this.#answer(count);
      total += count;
      if (count < capacity) break;
    }
    return total > 0;
  }

  #answer(count: number): void {
    let answers = 0;
    for (let index = 0; index < count; index += 1)
      if (this.#isAnswered(index)) {
        this.#prepare(index, answers);
        answers += 1;
      }
    for (let from = 0; from < answers; ) {
      const taken = libc().sendmmsg(this.fd, this.#answers.headerAddress(from), answers - from, MSG_DONTWAIT);
      // A sender that cannot be answered is skipped, so that it does not affect the others.
      from += Math.max(1, taken);
    }
  }

  #isAnswered(index: number): boolean {
    const { bytes } = this.#received;
    const name = this.#received.nameAt(index);
    const port = ((bytes[name + 2] ?? 0) << 8) | (bytes[name + 3] ?? 0);
    return port >= this.#rules.leastPort && port !== this.#rules.exceptPort;
  }

  #prepare(index: number, answer: number): void {
    const received = this.#received;
    const answers = this.#answers;
    const nameLength = received.nameLengthOf(index);
    const name = received.nameAt(index);
    answers.bytes.set(received.bytes.subarray(name, name + nameLength), answers.nameAt(answer));
    const payload = received.payloadAt(index);
    const length = received.lengthOf(index);
    answers.bytes.set(received.bytes.subarray(payload, payload + length), answers.payloadAt(answer));
    const control = writeAnswerFrom(received, index, answers, answer);
    answers.prepareSend(answer, nameLength, control, length, 0n, 0);
  }
}
