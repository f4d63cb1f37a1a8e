import { IOVEC, MMSGHDR, MSGHDR } from './layouts.ts';
import { libc } from './libc.ts';

/** How many messages a batch holds and how large each part of one is, in bytes. */
export interface BatchShape {
  readonly capacity: number;
  readonly nameBytes: number;
  readonly controlBytes: number;
  readonly payloadBytes: number;
}

const IOVS_PER_MESSAGE = 2;

/**
 * The memory of one `sendmmsg`/`recvmmsg`: headers, vectors, addresses, control data and payloads in one block that
 * never moves and is used again and again, so that moving 64 packets allocates nothing.
 * All offsets are bytes from the start of `bytes`; `words` and `halves` are the same memory.
 */
export class MessageBatch {
  readonly shape: BatchShape;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  /** The address of the first header, for the system call. */
  readonly address: bigint;
  private readonly pointers: BigUint64Array;
  private readonly namesAt: number;
  private readonly controlsAt: number;
  private readonly payloadsAt: number;
  private readonly vectorsAt: number;
  /** Memory for what exceeds the payloads of received messages; empty until `giveTails`. */
  tails: Uint8Array = new Uint8Array(0);
  /** The same memory. */
  tailHalves: Uint16Array = new Uint16Array(0);
  /** Bytes of it for each message. */
  tailBytes = 0;

  constructor(shape: BatchShape) {
    this.shape = {
      capacity: shape.capacity,
      nameBytes: align(shape.nameBytes, 8),
      controlBytes: align(shape.controlBytes, 8),
      payloadBytes: align(shape.payloadBytes, 64),
    };
    const { capacity, nameBytes, controlBytes, payloadBytes } = this.shape;
    this.vectorsAt = capacity * MMSGHDR.size;
    this.namesAt = this.vectorsAt + capacity * IOVEC.size * IOVS_PER_MESSAGE;
    this.controlsAt = this.namesAt + capacity * nameBytes;
    this.payloadsAt = align(this.controlsAt + capacity * controlBytes, 64);
    const memory = new ArrayBuffer(this.payloadsAt + capacity * payloadBytes);
    this.bytes = new Uint8Array(memory);
    this.words = new Uint32Array(memory);
    this.halves = new Uint16Array(memory);
    this.pointers = new BigUint64Array(memory);
    this.address = libc().address(this.bytes);
    for (let index = 0; index < capacity; index += 1) this.wire(index);
  }

  private wire(index: number): void {
    const header = index * MMSGHDR.size;
    const vectors = this.vectorsAt + index * IOVEC.size * IOVS_PER_MESSAGE;
    this.pointers[(header + MSGHDR.name) >> 3] = this.address + BigInt(this.nameAt(index));
    this.pointers[(header + MSGHDR.iov) >> 3] = this.address + BigInt(vectors);
    this.pointers[(header + MSGHDR.iovLength) >> 3] = 1n;
    this.pointers[(header + MSGHDR.control) >> 3] = this.address + BigInt(this.controlAt(index));
    this.pointers[(vectors + IOVEC.base) >> 3] = this.address + BigInt(this.payloadAt(index));
    this.pointers[(vectors + IOVEC.length) >> 3] = BigInt(this.shape.payloadBytes);
  }

  nameAt(index: number): number {
    return this.namesAt + index * this.shape.nameBytes;
  }

  controlAt(index: number): number {
    return this.controlsAt + index * this.shape.controlBytes;
  }

  payloadAt(index: number): number {
    return this.payloadsAt + index * this.shape.payloadBytes;
  }

  /** Bytes that the kernel moved for this message. */
  lengthOf(index: number): number {
    return this.words[(index * MMSGHDR.size + MMSGHDR.length) >> 2] ?? 0;
  }

  /** Bytes of control data received with this message. */
  controlLengthOf(index: number): number {
    return this.words[(index * MMSGHDR.size + MSGHDR.controlLength) >> 2] ?? 0;
  }

  /** Bytes of the peer's address received with this message; 0 if there is none. */
  nameLengthOf(index: number): number {
    return this.words[(index * MMSGHDR.size + MSGHDR.nameLength) >> 2] ?? 0;
  }

  flagsOf(index: number): number {
    return this.words[(index * MMSGHDR.size + MSGHDR.flags) >> 2] ?? 0;
  }

  /** Lets each received message be `bytes` longer than its payload memory. */
  giveTails(bytes: number): void {
    this.tailBytes = align(bytes, 64);
    this.tails = new Uint8Array(this.tailBytes * this.shape.capacity);
    this.tailHalves = new Uint16Array(this.tails.buffer);
    const address = libc().address(this.tails);
    for (let index = 0; index < this.shape.capacity; index += 1) {
      const second = this.vectorsAt + index * IOVEC.size * IOVS_PER_MESSAGE + IOVEC.size;
      this.pointers[(second + IOVEC.base) >> 3] = address + BigInt(index * this.tailBytes);
      this.pointers[(second + IOVEC.length) >> 3] = BigInt(this.tailBytes);
      this.pointers[(index * MMSGHDR.size + MSGHDR.iovLength) >> 3] = 2n;
    }
  }

  /** Where the tail of a message begins in `tails`. */
  tailAt(index: number): number {
    return index * this.tailBytes;
  }

  /** Makes the first `count` messages ready to receive again: the kernel overwrote their lengths. */
  prepareReceive(count: number): void {
    const { words, shape } = this;
    for (let header = 0; header < count * MMSGHDR.size; header += MMSGHDR.size) {
      words[(header + MSGHDR.nameLength) >> 2] = shape.nameBytes;
      words[(header + MSGHDR.controlLength) >> 2] = shape.controlBytes;
    }
  }

  /** Sets what to send as message `index`: its own payload bytes, then `tailLength` bytes at address `tail`. */
  prepareSend(
    index: number,
    nameLength: number,
    controlLength: number,
    length: number,
    tail: bigint,
    tailLength: number,
  ) {
    const header = index * MMSGHDR.size;
    const vectors = this.vectorsAt + index * IOVEC.size * IOVS_PER_MESSAGE;
    this.words[(header + MSGHDR.nameLength) >> 2] = nameLength;
    this.words[(header + MSGHDR.controlLength) >> 2] = controlLength;
    this.words[(header + MSGHDR.iovLength) >> 2] = tailLength > 0 ? 2 : 1;
    this.words[(vectors + IOVEC.length) >> 2] = length;
    if (tailLength === 0) return;
    this.pointers[(vectors + IOVEC.size + IOVEC.base) >> 3] = tail;
    this.words[(vectors + IOVEC.size + IOVEC.length) >> 2] = tailLength;
  }

  /** The address of header `index`, to continue a batch that the kernel accepted only in part. */
  headerAddress(index: number): bigint {
    return this.address + BigInt(index * MMSGHDR.size);
  }
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
