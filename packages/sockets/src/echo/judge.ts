import { FLAW } from './reply-check.ts';
import type { EchoSocket, RunningTrain } from './running-train.ts';
import { SLOT } from './slots.ts';

/** The clock reading that follows the receive call. */
export interface Reading {
  readonly monoNs: number;
  readonly epoch: number;
}

/** Decides an echo by reply number `index` of this pass: its RTT and clock, in time or late, in order or not. */
export function judgeReply(socket: EchoSocket, index: number, reading: Reading): void {
  const { slots } = socket;
  const sequence = socket.replySequence[index] ?? 0;
  const train = slots.train[sequence];
  if (train === undefined || slots.state[sequence] !== SLOT.replied) return;
  slots.state[sequence] = SLOT.decided;
  train.open -= 1;
  const byKernel = (slots.rxStampNs[sequence] ?? Number.NaN) - (slots.txStampNs[sequence] ?? Number.NaN);
  const trusted = byKernel >= 0 && slots.epoch[sequence] === reading.epoch;
  const rtt = trusted ? byKernel : reading.monoNs - (slots.sentAtNs[sequence] ?? 0);
  if (rtt > train.timeoutNs) {
    train.late += 1;
    return;
  }
  count(train, slots.ordinal[sequence] ?? 0, rtt, trusted);
  const flaws = socket.replyFlaws[index] ?? FLAW.none;
  if ((flaws & FLAW.truncated) !== 0) train.truncated += 1;
  if ((flaws & FLAW.corrupted) !== 0) train.corrupted += 1;
  const ttl = socket.replyTtl[index] ?? -1;
  if (ttl >= 0) train.replyTtl = ttl;
}

function count(train: RunningTrain, ordinal: number, rtt: number, byKernel: boolean): void {
  train.rtts[ordinal] = rtt;
  train.received += 1;
  if (byKernel) {
    train.kernelStamped += 1;
    if (rtt > train.maxKernelRttNs) train.maxKernelRttNs = rtt;
  } else {
    train.processStamped += 1;
    if (rtt > train.maxProcessRttNs) train.maxProcessRttNs = rtt;
  }
  if (ordinal < train.highestAnswered) train.reordered += 1;
  else train.highestAnswered = ordinal;
}

const SHORTEST_LINGER_NS = 5e6;

/** How long a train whose echoes are all decided stays open for duplicates. */
export function lingerNs(train: RunningTrain): number {
  if (train.lingerNs >= 0) return train.lingerNs;
  const longest = Math.max(train.maxKernelRttNs, train.maxProcessRttNs);
  return Math.min(train.timeoutNs, Math.max(SHORTEST_LINGER_NS, longest * 2));
}
