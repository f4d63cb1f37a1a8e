import type { Ancillary } from '../kernel/ancillary.ts';
import type { ClockGuard } from '../kernel/clock-guard.ts';
import { BATCH, ROUNDS } from './batch-size.ts';
import type { CancelMessage, SubmitMessage } from './boundary.ts';
import { REQUEST } from './boundary.ts';
import { EchoTimerHeap } from './echo-timer-heap.ts';
import { ErrorQueueReader } from './error-queue.ts';
import { judgeReply, lingerNs } from './judge.ts';
import { failureNumber, type Outbox } from './outbox.ts';
import { Receiver } from './receiver.ts';
import type { EchoSocket } from './running-train.ts';
import { type RunningTrain, trainFrom } from './running-train.ts';
import { SLOT } from './slots.ts';
import type { SocketPool } from './socket-pool.ts';
import { Transmitter } from './transmitter.ts';

/** A send this late after its due time was delayed by this host. */
const LATE_SEND_NS = 10e6;
/** While every sequence number is in use, sending retries after this time. */
const RETRY_NS = 1e6;

/**
 * Runs all trains of the engine, one pass at a time: send what is due (at most one batch), read, decide, end. It reads
 * after each batch, so that the kernel's buffers never hold more than one batch plus the packets in flight.
 */
export class EchoService {
  private readonly clock: ClockGuard;
  private readonly outbox: Outbox;
  private readonly pool: SocketPool;
  private readonly trains = new Map<number, RunningTrain>();
  private readonly due = new EchoTimerHeap<RunningTrain>();
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly errorQueue: ErrorQueueReader;
  private ending: RunningTrain[] = [];

  constructor(clock: ClockGuard, outbox: Outbox, pool: SocketPool) {
    this.clock = clock;
    this.outbox = outbox;
    this.pool = pool;
    this.errorQueue = new ErrorQueueReader(clock.baseSeconds, { icmpError: (...event) => this.icmpError(...event) });
    this.transmitter = new Transmitter({
      refused: (socket, sequence, errno) => this.refused(socket, sequence, errno),
      drainStamps: (socket) => {
        this.errorQueue.drain(socket, ROUNDS);
      },
    });
    this.receiver = new Receiver(this.transmitter.writer, clock.baseSeconds, {
      replied: (socket, sequence, ttl, flaws) => {
        socket.slots.state[sequence] = SLOT.replied;
        socket.keepReply(sequence, ttl, flaws);
      },
      duplicate: (train) => {
        train.duplicates += 1;
      },
    });
  }

  /** When the next send or end is due, in monotonic nanoseconds; infinity when idle. */
  get nextDueNs(): number {
    return this.due.peek()?.dueNs ?? Number.POSITIVE_INFINITY;
  }

  get sockets(): Iterable<EchoSocket> {
    return this.pool.open;
  }

  get busy(): boolean {
    return this.trains.size > 0;
  }

  submit(message: SubmitMessage): void {
    const count = message.numbers.length / REQUEST.columns;
    for (let index = 0; index < count; index += 1) this.start(trainFrom(message, index, this.clock.monoNs));
  }

  cancel(message: CancelMessage): void {
    for (const id of message.ids) {
      const train = this.trains.get(id);
      if (train === undefined) continue;
      train.failure = failureNumber('cancelled');
      this.end(train);
    }
  }

  /** One pass; true if anything was sent or received. The clock must have been read just before. */
  pass(): boolean {
    const sent = this.sendDue();
    let received = 0;
    for (const socket of this.pool.open) {
      if (socket.trains === 0) continue;
      received += this.receiver.drain(socket, ROUNDS);
      received += this.errorQueue.drain(socket, ROUNDS);
    }
    this.clock.read();
    for (const socket of this.pool.open) this.decide(socket);
    this.endDue();
    return sent || received > 0;
  }

  private start(train: RunningTrain): void {
    const socket = this.pool.take(train.family, this.clock.monoNs);
    if (socket === undefined) {
      train.failure = failureNumber('no-socket');
      train.closed = true;
      this.outbox.addDone(train);
      return;
    }
    this.receiver.expect(train.sizeBytes);
    train.socket = socket;
    train.dropsAtStart = socket.readDrops();
    this.trains.set(train.id, train);
    this.due.update(train);
  }

  private sendDue(): boolean {
    const now = this.clock.monoNs;
    let added = 0;
    for (let train = this.due.peek(); train !== undefined && added < BATCH; train = this.due.peek()) {
      if (train.dueNs > now || train.socket === undefined) break;
      if (train.tried >= train.count) {
        this.finishOrWait(train, now);
        continue;
      }
      if (!this.transmitter.add(train, train.socket, now, this.clock.epoch)) {
        train.dueNs = now + RETRY_NS;
        this.due.update(train);
        continue;
      }
      added += 1;
      this.planNext(train, now);
    }
    this.transmitter.flush();
    return added > 0;
  }

  private planNext(train: RunningTrain, now: number): void {
    if (train.intervalNs > 0 && now - train.dueNs > LATE_SEND_NS) train.lateSends += 1;
    train.dueNs = train.tried < train.count ? train.dueNs + train.intervalNs : now + train.timeoutNs;
    this.due.update(train);
  }

  /** The last echo has timed out. Unanswered echoes are lost, but answers that have already arrived are read first. */
  private finishOrWait(train: RunningTrain, now: number): void {
    this.due.remove(train);
    train.dueNs = now;
    this.ending.push(train);
  }

  private endDue(): void {
    if (this.ending.length === 0) return;
    const ending = this.ending;
    this.ending = [];
    for (const train of ending) {
      if (train.closed) continue;
      if (train.open === 0 || train.lingering) this.end(train);
      else this.linger(train);
    }
  }

  private linger(train: RunningTrain): void {
    train.lingering = true;
    train.dueNs = this.clock.monoNs + lingerNs(train);
    this.due.update(train);
  }

  private decide(socket: EchoSocket): void {
    for (let index = 0; index < socket.replies; index += 1) {
      const sequence = socket.replySequence[index] ?? 0;
      judgeReply(socket, index, this.clock);
      const train = socket.slots.train[sequence];
      if (train !== undefined) this.decided(train, socket.slots.ordinal[sequence] ?? 0);
    }
    socket.replies = 0;
  }

  private decided(train: RunningTrain, ordinal: number): void {
    if (train.wantsProgress) this.outbox.addProgress(train, ordinal, train.rtts[ordinal] ?? Number.NaN);
    if (train.open === 0 && train.tried === train.count && !train.lingering) this.linger(train);
  }

  private refused(socket: EchoSocket, sequence: number, errno: number): void {
    const train = socket.slots.train[sequence];
    if (train === undefined) return;
    socket.slots.state[sequence] = SLOT.decided;
    train.open -= 1;
    train.sent -= 1;
    if (train.failure === 0) {
      train.failure = failureNumber('send');
      train.errno = errno;
    }
    this.decided(train, socket.slots.ordinal[sequence] ?? 0);
  }

  private icmpError(socket: EchoSocket, sequence: number, error: Readonly<Ancillary>, offender?: Uint8Array): void {
    const train = socket.slots.train[sequence];
    if (train === undefined) return;
    socket.slots.state[sequence] = SLOT.decided;
    train.open -= 1;
    train.icmpErrors += 1;
    if (train.failure === 0) {
      train.failure = failureNumber('icmp');
      train.errno = error.errno;
      train.icmpType = error.type;
      train.icmpCode = error.code;
      train.offender = offender;
    }
    this.decided(train, socket.slots.ordinal[sequence] ?? 0);
  }

  private end(train: RunningTrain): void {
    train.closed = true;
    this.due.remove(train);
    this.trains.delete(train.id);
    if (train.socket !== undefined) {
      train.socket.readDrops();
      this.pool.release(train.socket, train.received > 0);
    }
    this.outbox.addDone(train);
  }
}
