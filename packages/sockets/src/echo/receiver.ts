import { createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import { MSG_DONTWAIT } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { BATCH } from './batch-size.ts';
import { ECHO_REPLY, ECHO_REPLY_V6 } from './filter.ts';
import { NOT_OURS, ReplyCheck } from './reply-check.ts';
import { ICMP_HEADER, type RequestWriter } from './request-packet.ts';
import type { EchoSocket, RunningTrain } from './running-train.ts';
import { SLOT } from './slots.ts';

const IP_HEADER_WITH_OPTIONS = 60;
/** Payload that most replies do not exceed; larger ones continue in separate memory. */
const USUAL_PAYLOAD = 60;
const EAGAIN = 11;
/** A pending ICMP error makes one receive fail. After this many in a row the rest waits for the next pass. */
const MAX_FAILURES = 8;

/** Receives answers. */
export interface ReceiveEvents {
  /** The first answer to an echo, its receive stamp already in the slot. @param flaws bits of `FLAW` */
  replied(socket: EchoSocket, sequence: number, ttl: number, flaws: number): void;
  duplicate(train: RunningTrain): void;
}

/** Receives answers in batches and finds the echo of each. */
export class Receiver {
  private readonly batch = new MessageBatch({
    capacity: BATCH,
    nameBytes: 32,
    controlBytes: 192,
    payloadBytes: IP_HEADER_WITH_OPTIONS + ICMP_HEADER + USUAL_PAYLOAD,
  });
  private readonly check: ReplyCheck;
  private readonly place = { index: 0, at: 0, length: 0 };
  private readonly ancillary = createAncillary();
  private readonly baseSeconds: number;
  private readonly events: ReceiveEvents;
  private stale = BATCH;

  constructor(writer: RequestWriter, baseSeconds: number, events: ReceiveEvents) {
    this.check = new ReplyCheck(this.batch, writer);
    this.baseSeconds = baseSeconds;
    this.events = events;
  }

  /** Makes room for the replies to echoes with this much payload. */
  expect(sizeBytes: number): void {
    this.check.makeRoom(IP_HEADER_WITH_OPTIONS + ICMP_HEADER + sizeBytes);
  }

  /** Reads up to `rounds` batches from the socket; returns the number of packets. */
  drain(socket: EchoSocket, rounds: number): number {
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

  private take(socket: EchoSocket, index: number): void {
    const { batch, ancillary } = this;
    const start = batch.payloadAt(index);
    const withHeader = socket.via === 'raw' && socket.family === 4;
    const at = withHeader ? start + ((batch.bytes[start] ?? 0) & 15) * 4 : start;
    const length = batch.lengthOf(index) - (at - start);
    if (length < ICMP_HEADER || batch.bytes[at] !== (socket.family === 4 ? ECHO_REPLY : ECHO_REPLY_V6)) return;
    const sequence = ((batch.bytes[at + 6] ?? 0) << 8) | (batch.bytes[at + 7] ?? 0);
    const train = socket.slots.train[sequence];
    if (train === undefined || train.closed) return;
    if (!sameAddress(batch, index, train)) return;
    const { place, check } = this;
    place.index = index;
    place.at = at;
    place.length = length;
    const flaws = check.flawsOf(place, train, socket.slots.serial[sequence] ?? 0);
    if (flaws === NOT_OURS || (withHeader && !check.hasRightChecksum(place))) return;
    decodeAncillary(batch, index, this.baseSeconds, ancillary);
    if (socket.slots.state[sequence] !== SLOT.pending) {
      this.events.duplicate(train);
      return;
    }
    socket.slots.rxStampNs[sequence] = ancillary.stampNs;
    this.events.replied(socket, sequence, withHeader ? (batch.bytes[start + 8] ?? -1) : ancillary.ttl, flaws);
  }
}

function sameAddress(batch: MessageBatch, index: number, train: RunningTrain): boolean {
  const at = batch.nameAt(index) >> 2;
  const { words } = batch;
  if (train.family === 4) return words[at + 1] === train.addressWords[0];
  for (let word = 0; word < 4; word += 1) if (words[at + 2 + word] !== train.addressWords[word]) return false;
  return true;
}
