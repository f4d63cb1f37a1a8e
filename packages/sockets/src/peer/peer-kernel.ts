import { type Ancillary, createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import { ClockGuard } from '../kernel/clock-guard.ts';
import { MSG_DONTWAIT, MSG_ERRQUEUE } from '../kernel/constants.ts';
import { type Libc, libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { keepStamping } from '../kernel/stamp-keeper.ts';

/** Size of the largest possible datagram. */
const DATAGRAM_BYTES = 65_535;
/** How long one reading of the clocks serves sends, ms: about one turn of the event loop. */
const SAME_TURN_MS = 1;
const EAGAIN = 11;
const EINTR = 4;

/** An entry of a socket's error queue; read it before the next entry is fetched. */
export type QueueEntry = Readonly<Ancillary>;

/** A datagram, its kernel stamp in ns on the clock's axis (NaN: none); or the errno of a receive that failed. */
export type Received = { readonly payload: Buffer; readonly stampNs: number } | { readonly errno: number };

/** Shared by all peer sockets of a thread: the C library, memory for one message, and the pair of clocks. */
export class PeerKernel {
  private static made: PeerKernel | undefined;
  readonly calls: Libc;
  readonly clock: ClockGuard;
  readonly batch = new MessageBatch({ capacity: 1, nameBytes: 32, controlBytes: 192, payloadBytes: DATAGRAM_BYTES });
  private readonly ancillary = createAncillary();
  private readMs = Number.NEGATIVE_INFINITY;

  private constructor() {
    this.calls = libc();
    this.clock = new ClockGuard(Math.floor(Date.now() / 1000));
    // Never closed, so that from now on the kernel stamps each received packet.
    keepStamping();
  }

  /** Created at the first call. @throws NotSupportedError */
  static get(): PeerKernel {
    PeerKernel.made ??= new PeerKernel();
    return PeerKernel.made;
  }

  /**
   * The wall clock's epoch from a recent reading. Any reading before a send is enough, since a later one detects a step
   * in between.
   */
  epochBefore(): number {
    if (performance.now() - this.readMs > SAME_TURN_MS) this.readClocks();
    return this.clock.epoch;
  }

  /** The wall clock's epoch after an event that was stamped. */
  epochAfter(stampNs: number): number {
    if (!(stampNs <= this.clock.wallNs)) this.readClocks();
    return this.clock.epoch;
  }

  readClocks(): void {
    this.clock.read();
    this.readMs = performance.now();
  }

  /** Reads the next datagram; undefined when there is none. */
  receive(fd: number): Received | undefined {
    const { batch, calls, ancillary } = this;
    batch.prepareReceive(1);
    if (calls.recvmmsg(fd, batch.address, 1, MSG_DONTWAIT, null) !== 1) {
      const errno = calls.errno();
      return errno === EAGAIN || errno === EINTR ? undefined : { errno };
    }
    decodeAncillary(batch, 0, this.clock.baseSeconds, ancillary);
    const at = batch.payloadAt(0);
    return { payload: Buffer.from(batch.bytes.subarray(at, at + batch.lengthOf(0))), stampNs: ancillary.stampNs };
  }

  /** Removes and returns the first entry of a socket's error queue; undefined when there is none. */
  takeEntry(fd: number): QueueEntry | undefined {
    this.batch.prepareReceive(1);
    if (this.calls.recvmmsg(fd, this.batch.address, 1, MSG_DONTWAIT | MSG_ERRQUEUE, null) !== 1) return undefined;
    decodeAncillary(this.batch, 0, this.clock.baseSeconds, this.ancillary);
    return this.ancillary;
  }
}
