/** What a slot needs of its train. */
export interface SlotHolder {
  readonly closed: boolean;
  readonly timeoutNs: number;
}

/** The state of an echo in flight. */
export const SLOT = Object.freeze({ free: 0, pending: 1, replied: 2, decided: 3 });

const SLOTS = 65_536;

/** How many sequence numbers in a row may be busy before sending waits for a free one. */
const SEARCH = 256;

/**
 * One slot for each 16-bit sequence number of a socket, kept in columns. A number is reused only when its echo is
 * decided or timed out, or its train closed; the serial in the payload distinguishes a stale answer from one to the new
 * holder.
 */
export class Slots<Train extends SlotHolder> {
  readonly train: (Train | undefined)[] = new Array(SLOTS);
  /** Place of the echo in its train. */
  readonly ordinal: Uint32Array = new Uint32Array(SLOTS);
  readonly serial: Uint32Array = new Uint32Array(SLOTS);
  readonly state: Uint8Array = new Uint8Array(SLOTS);
  /** Clock epoch at the send. */
  readonly epoch: Uint32Array = new Uint32Array(SLOTS);
  /** Monotonic time just before the send call. */
  readonly sentAtNs: Float64Array = new Float64Array(SLOTS);
  /** Kernel stamps; NaN until known. */
  readonly txStampNs: Float64Array = new Float64Array(SLOTS);
  readonly rxStampNs: Float64Array = new Float64Array(SLOTS);
  private next: number;

  constructor(firstSequence: number) {
    this.next = firstSequence & 0xffff;
  }

  /** The next sequence number that can be used, or -1 if too many echoes are in flight. */
  take(nowNs: number): number {
    for (let tries = 0; tries < SEARCH; tries += 1) {
      const sequence = this.next;
      this.next = (sequence + 1) & 0xffff;
      if (this.usable(sequence, nowNs)) return sequence;
    }
    return -1;
  }

  private usable(sequence: number, nowNs: number): boolean {
    const train = this.train[sequence];
    if (train === undefined || train.closed || this.state[sequence] === SLOT.decided) return true;
    return this.state[sequence] === SLOT.pending && nowNs - (this.sentAtNs[sequence] ?? 0) > train.timeoutNs;
  }
}
