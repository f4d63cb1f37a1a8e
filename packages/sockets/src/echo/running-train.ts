import type { IpFamily } from '../kernel/ip-address.ts';
import { ADDRESS_BYTES, REQUEST, type SubmitMessage } from './boundary.ts';
import type { Due } from './echo-timer-heap.ts';
import type { LiveSocket } from './live-socket.ts';

/** An echo socket of the engine, with the trains on it. */
export type EchoSocket = LiveSocket<RunningTrain>;

/** A train in the engine's thread. Times are nanoseconds of the monotonic clock. */
export interface RunningTrain extends Due {
  readonly id: number;
  readonly family: IpFamily;
  readonly address: Uint8Array;
  /** The address as native words, to be compared with a reply's. */
  readonly addressWords: Uint32Array;
  readonly scope: number;
  readonly count: number;
  readonly intervalNs: number;
  readonly timeoutNs: number;
  readonly sizeBytes: number;
  readonly dscp: number;
  readonly ttl: number;
  readonly lingerNs: number;
  readonly wantsProgress: boolean;
  readonly rtts: Float64Array;
  socket: EchoSocket | undefined;
  /** Echoes handed to the kernel or refused by it. */
  tried: number;
  /** Echoes in flight, neither answered, nor late, nor refused. */
  open: number;
  sent: number;
  received: number;
  duplicates: number;
  late: number;
  reordered: number;
  truncated: number;
  corrupted: number;
  icmpErrors: number;
  highestAnswered: number;
  replyTtl: number;
  kernelStamped: number;
  processStamped: number;
  /** Largest RTT of two kernel stamps, and largest of the process's clock. */
  maxKernelRttNs: number;
  maxProcessRttNs: number;
  lateSends: number;
  largestBurst: number;
  dropsAtStart: number;
  failure: number;
  errno: number;
  icmpType: number;
  icmpCode: number;
  offender: Uint8Array | undefined;
  /** Every echo is decided or timed out; only duplicates and late answers can still arrive. */
  lingering: boolean;
  closed: boolean;
}

/** Reads train number `index` of a batch; its first echo is due at `nowNs`. */
export function trainFrom(message: SubmitMessage, index: number, nowNs: number): RunningTrain {
  const column = (name: keyof typeof REQUEST) => message.numbers[index * REQUEST.columns + REQUEST[name]] ?? Number.NaN;
  const address = message.addresses.slice(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES);
  return {
    id: column('id'),
    family: column('family') === 4 ? 4 : 6,
    address,
    addressWords: new Uint32Array(address.buffer),
    scope: column('scope'),
    count: column('count'),
    intervalNs: column('intervalNs'),
    timeoutNs: column('timeoutNs'),
    sizeBytes: column('sizeBytes'),
    dscp: column('dscp'),
    ttl: column('ttl'),
    lingerNs: column('lingerNs'),
    wantsProgress: column('progress') === 1,
    rtts: new Float64Array(column('count')).fill(Number.NaN),
    dueNs: nowNs,
    heapIndex: -1,
    ...blank,
  };
}

const blank = Object.freeze({
  socket: undefined,
  tried: 0,
  open: 0,
  sent: 0,
  received: 0,
  duplicates: 0,
  late: 0,
  reordered: 0,
  truncated: 0,
  corrupted: 0,
  icmpErrors: 0,
  highestAnswered: -1,
  replyTtl: -1,
  kernelStamped: 0,
  processStamped: 0,
  maxKernelRttNs: 0,
  maxProcessRttNs: 0,
  lateSends: 0,
  largestBurst: 0,
  dropsAtStart: 0,
  failure: 0,
  errno: 0,
  icmpType: 0,
  icmpCode: 0,
  offender: undefined,
  lingering: false,
  closed: false,
});
