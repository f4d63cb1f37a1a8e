import { type Ancillary, createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import { ClockGuard } from '../kernel/clock-guard.ts';
import { MSG_DONTWAIT, MSG_ERRQUEUE } from '../kernel/constants.ts';
import { type Libc, libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { keepStamping } from '../kernel/stamp-keeper.ts';

/** The largest datagram there is. */
const DATAGRAM_BYTES = 65_535;
/** A reading of the clocks serves the sends of so long, ms: those of one turn of the event loop. */
const SAME_TURN_MS = 1;
const EAGAIN = 11;
const EINTR = 4;

/** An entry of a socket's error queue; read it before the next one is taken. */
export type QueueEntry = Readonly<Ancillary>;

/** A datagram, its kernel stamp in ns on the clock's axis (NaN: it has none); or the errno of a receive that failed. */
export type Received = { readonly payload: Buffer; readonly stampNs: number } | { readonly errno: number };

/** What all peer sockets of a thread share: the C library, memory for one message, and the pair of clocks. */
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
    // Never closed: from now on the kernel stamps each packet that comes.
    keepStamping();
  }

  /** Made at the first call. @throws NotSupportedError */
  static get(): PeerKernel {
    PeerKernel.made ??= new PeerKernel();
    return PeerKernel.made;
  }

  /** The wall clock's epoch as it was a moment ago: any reading before a send will do, a later one finds a step since. */
  epochBefore(): number {
    if (performance.now() - this.readMs > SAME_TURN_MS) this.readClocks();
    return this.clock.epoch;
  }

  /** The wall clock's epoch after something that was stamped then. */
  epochAfter(stampNs: number): number {
    if (!(stampNs <= this.clock.wallNs)) this.readClocks();
    return this.clock.epoch;
  }

  readClocks(): void {
    this.clock.read();
    this.readMs = performance.now();
  }

  /** Takes the next datagram; undefined when there is none. */
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

  /** Takes the first entry off a socket's error queue; undefined when there is none. */
  takeEntry(fd: number): QueueEntry | undefined {
    this.batch.prepareReceive(1);
    if (this.calls.recvmmsg(fd, this.batch.address, 1, MSG_DONTWAIT | MSG_ERRQUEUE, null) !== 1) return undefined;
    decodeAncillary(this.batch, 0, this.clock.baseSeconds, this.ancillary);
    return this.ancillary;
  }
}
