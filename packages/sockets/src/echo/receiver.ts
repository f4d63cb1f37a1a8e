import { createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import { MSG_DONTWAIT, MSG_TRUNC } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { BATCH } from './batch-size.ts';
import { ECHO_REPLY, ECHO_REPLY_V6 } from './filter.ts';
import type { LiveSocket } from './live-socket.ts';
import { ICMP_HEADER, TOKEN_BYTES } from './request-packet.ts';
import type { RunningTrain } from './running-train.ts';
import { SLOT } from './slots.ts';

const IP_HEADER_WITH_OPTIONS = 60;
const EAGAIN = 11;
/** An ICMP error that is waiting makes a receive fail once; after so many in a row the rest waits for the next pass. */
const MAX_FAILURES = 8;

/** Where answers go. */
export interface ReceiveEvents {
  /** The first answer to an echo, its receive stamp already in the slot. */
  replied(socket: LiveSocket, sequence: number, ttl: number): void;
  duplicate(train: RunningTrain): void;
}

/** Receives answers in batches and finds the echo of each. */
export class Receiver {
  private readonly batch = new MessageBatch({
    capacity: BATCH,
    nameBytes: 32,
    controlBytes: 192,
    payloadBytes: IP_HEADER_WITH_OPTIONS + ICMP_HEADER + TOKEN_BYTES,
  });
  private readonly ancillary = createAncillary();
  private readonly cookie: Uint32Array;
  private readonly baseSeconds: number;
  private readonly events: ReceiveEvents;
  private stale = BATCH;

  constructor(cookie: Uint32Array, baseSeconds: number, events: ReceiveEvents) {
    this.cookie = cookie;
    this.baseSeconds = baseSeconds;
    this.events = events;
  }

  /** Takes up to `rounds` batches of what waits on the socket; returns how many packets came. */
  drain(socket: LiveSocket, rounds: number): number {
    let total = 0;
    let failures = 0;
    for (let round = 0; round < rounds; round += 1) {
      this.batch.prepareReceive(this.stale);
      const count = libc().recvmmsg(socket.fd, this.batch.address, BATCH, MSG_DONTWAIT, null);
      this.stale = Math.max(count, 0);
      if (count < 0) {
        failures += 1;
        if (libc().errno() === EAGAIN || failures > MAX_FAILURES) break;
        continue;
      }
      for (let index = 0; index < count; index += 1) this.take(socket, index);
      total += count;
      if (count < BATCH) break;
    }
    return total;
  }

  private take(socket: LiveSocket, index: number): void {
    const { batch, ancillary } = this;
    const start = batch.payloadAt(index);
    const withHeader = socket.via === 'raw' && socket.family === 4;
    const at = withHeader ? start + ((batch.bytes[start] ?? 0) & 15) * 4 : start;
    const length = batch.lengthOf(index) - (at - start);
    if (length < ICMP_HEADER || batch.bytes[at] !== (socket.family === 4 ? ECHO_REPLY : ECHO_REPLY_V6)) return;
    const sequence = ((batch.bytes[at + 6] ?? 0) << 8) | (batch.bytes[at + 7] ?? 0);
    const train = socket.slots.train[sequence];
    if (train === undefined || train.closed) return;
    if (!this.isAnswer(socket, index, at, length, sequence, train)) return;
    decodeAncillary(batch, index, this.baseSeconds, ancillary);
    if (socket.slots.state[sequence] !== SLOT.pending) {
      this.events.duplicate(train);
      return;
    }
    socket.slots.rxStampNs[sequence] = ancillary.stampNs;
    this.events.replied(socket, sequence, withHeader ? (batch.bytes[start + 8] ?? -1) : ancillary.ttl);
  }

  private isAnswer(
    socket: LiveSocket,
    index: number,
    at: number,
    length: number,
    sequence: number,
    train: RunningTrain,
  ): boolean {
    const { words } = this.batch;
    if (!sameAddress(this.batch, index, train)) return false;
    if (!this.hasLength(index, length, ICMP_HEADER + train.sizeBytes)) return false;
    if (train.sizeBytes < TOKEN_BYTES) return true;
    if (words[(at + 8) >> 2] !== this.cookie[0] || words[(at + 12) >> 2] !== this.cookie[1]) return false;
    return words[(at + 16) >> 2] === socket.slots.serial[sequence];
  }

  /** Only the beginning of a long answer is read. */
  private hasLength(index: number, length: number, wanted: number): boolean {
    return (this.batch.flagsOf(index) & MSG_TRUNC) === 0 ? length === wanted : length < wanted;
  }
}

function sameAddress(batch: MessageBatch, index: number, train: RunningTrain): boolean {
  const at = batch.nameAt(index) >> 2;
  const { words } = batch;
  if (train.family === 4) return words[at + 1] === train.addressWords[0];
  for (let word = 0; word < 4; word += 1) if (words[at + 2 + word] !== train.addressWords[word]) return false;
  return true;
}
