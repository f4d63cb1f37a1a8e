import { type Ancillary, createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import { ClockGuard } from '../kernel/clock-guard.ts';
import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_TIMESTAMPING,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  SOL_SOCKET,
} from '../kernel/constants.ts';
import { type Libc, libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { keepStamping } from '../kernel/stamp-keeper.ts';

/** Stamp of the packet that was read last, as seconds and nanoseconds. Source: linux/uapi/asm-generic/sockios.h */
const SIOCGSTAMPNS = 0x8907;

const SENDING = new Int32Array([
  SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_OPT_ID,
]);
/** Only the numbering goes on: with nothing else asked for, the kernel keeps the stamp of the last packet read. */
const RECEIVING = new Int32Array([SOF_TIMESTAMPING_OPT_ID]);

/** An entry of a socket's error queue. */
export type QueueEntry = Readonly<Ancillary>;

/** What all peer sockets of a thread share: the C library, memory for one message, and the pair of clocks. */
export class PeerKernel {
  private static made: PeerKernel | undefined;
  readonly calls: Libc;
  readonly clock: ClockGuard;
  readonly batch = new MessageBatch({ capacity: 1, nameBytes: 32, controlBytes: 192, payloadBytes: 64 });
  private readonly entry = createAncillary();
  private readonly time = new BigInt64Array(2);

  private constructor() {
    this.calls = libc();
    this.clock = new ClockGuard(Math.floor(Date.now() / 1000));
    // Never closed: from now on the kernel stamps each packet that comes.
    keepStamping();
  }

  /** Made at the first call. @throws NotSupportedError */
  static get(): PeerKernel {
    PeerKernel.made ??= new PeerKernel();
    return PeerKernel.made;
  }

  /** Send stamps are asked for and can be read ... */
  stampSends(fd: number): void {
    this.calls.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, SENDING, 4);
  }

  /** ... and now receive stamps can. */
  stampReceives(fd: number): void {
    this.calls.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, RECEIVING, 4);
  }

  /** Stamp of the packet that was read last from this socket, in ns on the clock's axis; NaN if it has none. */
  lastStampNs(fd: number): number {
    if (this.calls.ioctl(fd, SIOCGSTAMPNS, this.time) < 0) return Number.NaN;
    const [seconds = 0n, nanoseconds = 0n] = this.time;
    return (Number(seconds) - this.clock.baseSeconds) * 1e9 + Number(nanoseconds);
  }

  /** Takes the first entry off a socket's error queue; undefined when there is none. Read it before the next call. */
  takeEntry(fd: number): QueueEntry | undefined {
    this.batch.prepareReceive(1);
    if (this.calls.recvmmsg(fd, this.batch.address, 1, MSG_DONTWAIT | MSG_ERRQUEUE, null) !== 1) return undefined;
    decodeAncillary(this.batch, 0, this.clock.baseSeconds, this.entry);
    return this.entry;
  }
}
