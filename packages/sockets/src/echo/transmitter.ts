import { MSG_DONTWAIT, POLLOUT } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { startStamping } from '../kernel/stamping.ts';
import { BATCH } from './batch-size.ts';
import { REQUEST_BYTES, RequestWriter } from './request-packet.ts';
import type { EchoSocket, RunningTrain } from './running-train.ts';
import { SLOT } from './slots.ts';

const EINTR = 4;
const EAGAIN = 11;
/** The next send of any echo reports a pending ICMP error, so only a repeated refusal belongs to this echo. */
const REFUSALS = 3;
const WAIT_FOR_ROOM_MS = 5;
const WAITS_FOR_ROOM = 40;

/** What the transmitter reports of each batch. */
export interface TransmitEvents {
  /** The kernel refused this echo with `errno`. */
  refused(socket: EchoSocket, sequence: number, errno: number): void;
  /** Pending send stamps must be read now, because their numbering restarts from 0. */
  drainStamps(socket: EchoSocket): void;
}

/** Sends echoes in batches of one socket each. */
export class Transmitter {
  readonly writer: RequestWriter = new RequestWriter();
  private readonly batch = new MessageBatch({
    capacity: BATCH,
    nameBytes: 32,
    controlBytes: 48,
    payloadBytes: REQUEST_BYTES,
  });
  private readonly sequences = new Uint16Array(BATCH);
  private readonly events: TransmitEvents;
  private socket: EchoSocket | undefined;
  private filled = 0;
  private serial = 0;

  constructor(events: TransmitEvents) {
    this.events = events;
    this.writer.prepare(this.batch);
  }

  get room(): number {
    return BATCH - this.filled;
  }

  /** Adds the next echo of `train` to the batch; false if all sequence numbers of its socket are in use. */
  add(train: RunningTrain, socket: EchoSocket, nowNs: number, epoch: number): boolean {
    if (this.socket !== socket) this.flush();
    const sequence = socket.slots.take(nowNs);
    if (sequence < 0) return false;
    this.serial = (this.serial + 1) >>> 0;
    this.socket = socket;
    this.occupy(train, socket, sequence, nowNs, epoch);
    this.writer.write(this.batch, this.filled, socket, train, sequence, this.serial);
    this.sequences[this.filled] = sequence;
    this.filled += 1;
    return true;
  }

  private occupy(train: RunningTrain, socket: EchoSocket, sequence: number, nowNs: number, epoch: number): void {
    const { slots } = socket;
    slots.train[sequence] = train;
    slots.ordinal[sequence] = train.tried;
    slots.serial[sequence] = this.serial;
    slots.state[sequence] = SLOT.pending;
    slots.epoch[sequence] = epoch;
    slots.sentAtNs[sequence] = nowNs;
    slots.txStampNs[sequence] = Number.NaN;
    slots.rxStampNs[sequence] = Number.NaN;
    train.tried += 1;
    train.open += 1;
    train.sent += 1;
  }

  /** Hands the batch to the kernel. */
  flush(): void {
    const { socket, filled } = this;
    if (socket === undefined || filled === 0) return;
    this.filled = 0;
    let from = 0;
    let refusals = 0;
    let waits = 0;
    while (from < filled) {
      const taken = libc().sendmmsg(socket.fd, this.batch.headerAddress(from), filled - from, MSG_DONTWAIT);
      const errno = taken < 0 ? libc().errno() : 0;
      if (taken > 0) {
        this.number(socket, from, taken);
        from += taken;
        refusals = 0;
      }
      if (from === filled) return;
      this.renumber(socket);
      if (errno === EAGAIN && waits < WAITS_FOR_ROOM) {
        waits += 1;
        waitForRoom(socket.fd);
      } else if (taken < 0 && errno !== EINTR) {
        refusals += 1;
        if (refusals < REFUSALS && errno !== EAGAIN) continue;
        this.events.refused(socket, this.sequences[from] ?? 0, errno);
        from += 1;
        refusals = 0;
      }
    }
  }

  private number(socket: EchoSocket, from: number, count: number): void {
    for (let index = from; index < from + count; index += 1) {
      const sequence = this.sequences[index] ?? 0;
      const train = socket.slots.train[sequence];
      if (train !== undefined && train.largestBurst < count) train.largestBurst = count;
      socket.sequenceOfKey[socket.nextKey & 0xffff] = sequence;
      socket.nextKey = (socket.nextKey + 1) >>> 0;
    }
  }

  /** A packet that the kernel refused may have used up a stamp number, so the numbers restart from 0. */
  private renumber(socket: EchoSocket): void {
    this.events.drainStamps(socket);
    startStamping(socket.fd);
    socket.nextKey = 0;
  }
}

function waitForRoom(fd: number): void {
  libc().poll(new Int32Array([fd, POLLOUT]), 1, WAIT_FOR_ROOM_MS);
}
