import { ADDRESS_BYTES, type DoneMessage, failureKinds, OUTCOME, type ProgressMessage } from './boundary.ts';
import type { RunningTrain } from './running-train.ts';

/** The part of a message port that the outbox uses. */
export interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

const PROGRESS_PERIOD_NS = 100e6;
/**
 * While the engine is busy, it gathers ended trains for this time, since a message costs more than the trains in it.
 */
const DONE_PERIOD_NS = 10e6;

/** Gathers ended trains and progress, and posts them in batches. */
export class Outbox {
  private readonly port: Port;
  private done: RunningTrain[] = [];
  private progress: number[] = [];
  private progressPostedNs = 0;
  private donePostedNs = 0;

  constructor(port: Port) {
    this.port = port;
  }

  addDone(train: RunningTrain): void {
    this.done.push(train);
  }

  addProgress(train: RunningTrain, ordinal: number, rtt: number): void {
    this.progress.push(train.id, ordinal, rtt);
  }

  /**
   * Posts the gathered items, each kind when its period is over or `all` is set; a train's progress always before its
   * end.
   */
  post(nowNs: number, all: boolean): void {
    const endsSome = this.done.length > 0 && (all || nowNs - this.donePostedNs >= DONE_PERIOD_NS);
    if (this.progress.length > 0 && (all || endsSome || nowNs - this.progressPostedNs >= PROGRESS_PERIOD_NS)) {
      this.progressPostedNs = nowNs;
      const numbers = Float64Array.from(this.progress);
      this.progress = [];
      this.port.postMessage({ kind: 'progress', numbers } satisfies ProgressMessage, [numbers.buffer]);
    }
    if (!endsSome) return;
    this.donePostedNs = nowNs;
    const message = encodeDone(this.done);
    this.done = [];
    this.port.postMessage(message, [
      message.numbers.buffer as ArrayBuffer,
      message.rtts.buffer as ArrayBuffer,
      message.offenders.buffer as ArrayBuffer,
    ]);
  }
}

function encodeDone(trains: readonly RunningTrain[]): DoneMessage {
  const numbers = new Float64Array(trains.length * OUTCOME.columns);
  const rtts = new Float64Array(trains.reduce((sum, train) => sum + train.tried, 0));
  const offenders = new Uint8Array(trains.length * ADDRESS_BYTES);
  let rttsAt = 0;
  for (const [index, train] of trains.entries()) {
    encodeOutcome(numbers, index * OUTCOME.columns, train);
    rtts.set(train.tried === train.count ? train.rtts : train.rtts.subarray(0, train.tried), rttsAt);
    rttsAt += train.tried;
    if (train.offender !== undefined) offenders.set(train.offender, index * ADDRESS_BYTES);
  }
  return { kind: 'done', numbers, rtts, offenders };
}

function encodeOutcome(numbers: Float64Array, at: number, train: RunningTrain): void {
  const drops = train.socket === undefined ? 0 : (train.socket.dropsRead - train.dropsAtStart) >>> 0;
  numbers[at + OUTCOME.id] = train.id;
  numbers[at + OUTCOME.rtts] = train.tried;
  numbers[at + OUTCOME.sent] = train.sent;
  numbers[at + OUTCOME.received] = train.received;
  numbers[at + OUTCOME.duplicates] = train.duplicates;
  numbers[at + OUTCOME.late] = train.late;
  numbers[at + OUTCOME.reordered] = train.reordered;
  numbers[at + OUTCOME.truncated] = train.truncated;
  numbers[at + OUTCOME.corrupted] = train.corrupted;
  numbers[at + OUTCOME.icmpErrors] = train.icmpErrors;
  numbers[at + OUTCOME.replyTtl] = train.replyTtl;
  numbers[at + OUTCOME.kernelStamped] = train.kernelStamped;
  numbers[at + OUTCOME.processStamped] = train.processStamped;
  numbers[at + OUTCOME.maxKernelRttNs] = train.maxKernelRttNs;
  numbers[at + OUTCOME.maxProcessRttNs] = train.maxProcessRttNs;
  numbers[at + OUTCOME.localDrops] = drops;
  numbers[at + OUTCOME.lateSends] = train.lateSends;
  numbers[at + OUTCOME.largestBurst] = train.largestBurst;
  numbers[at + OUTCOME.via] = train.socket === undefined ? 0 : train.socket.via === 'raw' ? 2 : 1;
  numbers[at + OUTCOME.failure] = train.failure;
  numbers[at + OUTCOME.errno] = train.errno;
  numbers[at + OUTCOME.icmpType] = train.icmpType;
  numbers[at + OUTCOME.icmpCode] = train.icmpCode;
}

/** The number of a failure kind in `OUTCOME.failure`. */
export function failureNumber(kind: (typeof failureKinds)[number]): number {
  return failureKinds.indexOf(kind);
}
