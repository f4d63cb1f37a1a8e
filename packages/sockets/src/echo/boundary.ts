/**
 * What crosses the boundary between the engine's thread and the rest: plain messages of typed arrays, a whole batch in
 * one, so that a thousand trains cost a few messages, and the engine could also be another process.
 */

/** Columns of one train in `SubmitMessage.numbers`. */
export const REQUEST = Object.freeze({
  id: 0,
  family: 1,
  scope: 2,
  count: 3,
  intervalNs: 4,
  timeoutNs: 5,
  sizeBytes: 6,
  /** -1: the host's default. */
  dscp: 7,
  /** -1: the host's default. */
  ttl: 8,
  /** -1: chosen from the train's RTTs. */
  lingerNs: 9,
  progress: 10,
  columns: 11,
});

/** Columns of one train in `DoneMessage.numbers`. */
export const OUTCOME = Object.freeze({
  id: 0,
  /** How many of the numbers in `DoneMessage.rtts` are this train's. */
  rtts: 1,
  sent: 2,
  received: 3,
  duplicates: 4,
  late: 5,
  reordered: 6,
  icmpErrors: 7,
  /** -1: no answer. */
  replyTtl: 8,
  kernelStamped: 9,
  processStamped: 10,
  /** Largest RTT by kernel stamps, 0 if there is none. */
  maxKernelRttNs: 11,
  /** Largest RTT by the process's clock, 0 if there is none. */
  maxProcessRttNs: 12,
  localDrops: 13,
  lateSends: 14,
  /** 0 none, 1 ping socket, 2 raw socket. */
  via: 15,
  /** An index into `failureKinds`. */
  failure: 16,
  errno: 17,
  icmpType: 18,
  icmpCode: 19,
  /** Most echoes, of all trains, that left in one pass with one of this train's. */
  largestBurst: 20,
  truncated: 21,
  corrupted: 22,
  columns: 23,
});

/** What ended or disturbed a train, by the number in `OUTCOME.failure`. */
export const failureKinds = Object.freeze(['none', 'send', 'icmp', 'no-socket', 'cancelled'] as const);

/** Bytes of one address in either message, IPv4 in the first four. */
export const ADDRESS_BYTES = 16;

/** Trains to run, in order of submission. */
export interface SubmitMessage {
  readonly kind: 'submit';
  readonly numbers: Float64Array;
  readonly addresses: Uint8Array;
}

/** Trains to end at once. */
export interface CancelMessage {
  readonly kind: 'cancel';
  readonly ids: Float64Array;
}

/** Trains that ended, with all their RTTs one after another. */
export interface DoneMessage {
  readonly kind: 'done';
  readonly numbers: Float64Array;
  readonly rtts: Float64Array;
  readonly offenders: Uint8Array;
}

/** Decided echoes of trains that asked for progress: id, index and RTT, three numbers each. */
export interface ProgressMessage {
  readonly kind: 'progress';
  readonly numbers: Float64Array;
}
