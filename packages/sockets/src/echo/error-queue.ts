import { type Ancillary, createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
} from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { BATCH } from './batch-size.ts';
import type { EchoSocket } from './running-train.ts';
import { SLOT } from './slots.ts';

const QUOTED_BYTES = 64;

/** Receives ICMP errors. */
export interface ErrorEvents {
  /** A host or router answered this pending echo with an error; `offender` is its address if known. */
  icmpError(socket: EchoSocket, sequence: number, error: Readonly<Ancillary>, offender: Uint8Array | undefined): void;
}

/** Reads send stamps and ICMP errors from a socket's error queue in batches. */
export class ErrorQueueReader {
  private readonly batch = new MessageBatch({
    capacity: BATCH,
    nameBytes: 32,
    controlBytes: 192,
    payloadBytes: QUOTED_BYTES,
  });
  private readonly ancillary = createAncillary();
  private readonly baseSeconds: number;
  private readonly events: ErrorEvents;
  private stale = BATCH;

  constructor(baseSeconds: number, events: ErrorEvents) {
    this.baseSeconds = baseSeconds;
    this.events = events;
  }

  /** Reads up to `rounds` batches; returns the number of entries. */
  drain(socket: EchoSocket, rounds: number): number {
    let total = 0;
    for (let round = 0; round < rounds; round += 1) {
      this.batch.prepareReceive(this.stale);
      const count = libc().recvmmsg(socket.fd, this.batch.address, BATCH, MSG_DONTWAIT | MSG_ERRQUEUE, null);
      this.stale = Math.max(count, 0);
      if (count <= 0) break;
      for (let index = 0; index < count; index += 1) this.take(socket, index);
      total += count;
      if (count < BATCH) break;
    }
    return total;
  }

  private take(socket: EchoSocket, index: number): void {
    const { ancillary } = this;
    decodeAncillary(this.batch, index, this.baseSeconds, ancillary);
    if (!ancillary.hasError) return;
    switch (ancillary.origin) {
      case SO_EE_ORIGIN_TIMESTAMPING:
        takeStamp(socket, ancillary);
        return;
      case SO_EE_ORIGIN_ICMP:
      case SO_EE_ORIGIN_ICMP6:
      case SO_EE_ORIGIN_LOCAL:
        this.takeError(socket, index);
        return;
      default:
    }
  }

  /** The error quotes the echo's header, so id and sequence identify it; the address is its destination. */
  private takeError(socket: EchoSocket, index: number): void {
    const { batch, ancillary } = this;
    const at = batch.payloadAt(index);
    if (batch.lengthOf(index) < 8) return;
    const id = ((batch.bytes[at + 4] ?? 0) << 8) | (batch.bytes[at + 5] ?? 0);
    const sequence = ((batch.bytes[at + 6] ?? 0) << 8) | (batch.bytes[at + 7] ?? 0);
    if (id !== socket.id || socket.slots.state[sequence] !== SLOT.pending) return;
    const train = socket.slots.train[sequence];
    if (train === undefined || train.closed || !this.isAbout(index, train.addressWords, train.family)) return;
    this.events.icmpError(socket, sequence, ancillary, this.offender());
  }

  private isAbout(index: number, address: Uint32Array, family: number): boolean {
    const at = this.batch.nameAt(index) >> 2;
    const { words } = this.batch;
    if (family === 4) return words[at + 1] === address[0];
    return [0, 1, 2, 3].every((word) => words[at + 2 + word] === address[word]);
  }

  private offender(): Uint8Array | undefined {
    const { bytes } = this.batch;
    const at = this.ancillary.offenderAt;
    const family = bytes[at] ?? 0;
    if (family === 2) return bytes.slice(at + 4, at + 8);
    if (family === 10) return bytes.slice(at + 8, at + 24);
    return undefined;
  }
}

function takeStamp(socket: EchoSocket, ancillary: Ancillary): void {
  const behind = (socket.nextKey - ancillary.data) >>> 0;
  if (behind === 0 || behind > 0xffff) return;
  const sequence = socket.sequenceOfKey[ancillary.data & 0xffff] ?? 0;
  socket.slots.txStampNs[sequence] = ancillary.stampNs;
}
