/** The bytes end early, or a pointer is invalid. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** Longest name with its length bytes. Source: RFC 1035 section 2.3.4 */
const MOST_NAME_BYTES = 255;
/** A name of 255 bytes has at most 127 labels, so a valid one never needs more pointers. */
const MOST_POINTERS = 127;
const POINTER = 0xc0;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;
/** Buffer in which a name is assembled; an escaped byte takes four. */
const scratch = Buffer.alloc(4 * MOST_NAME_BYTES);

/**
 * Reads a DNS message from its start to its end. Bounded: a name ends after 255 bytes and 127 pointers, and pointers lead
 * backwards only (RFC 1035 section 4.1.4).
 */
export class WireReader {
  readonly #bytes: Buffer;
  offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A name without its last dot, '' for the root; dots and white space within a label are escaped as in zone files. */
  name(): string {
    let length = 1;
    let written = 0;
    let pointers = 0;
    let at = this.offset;
    let earliest = at;
    let end: number | null = null;
    for (;;) {
      const size = this.#byteAt(at);
      at += 1;
      if (size === 0) break;
      if ((size & POINTER) === POINTER) {
        const target = ((size & ~POINTER) << 8) | this.#byteAt(at);
        end ??= at + 1;
        pointers += 1;
        if (target >= earliest || pointers > MOST_POINTERS) throw new MalformedMessage('a pointer leads nowhere');
        at = earliest = target;
        continue;
      }
      length += size + 1;
      if ((size & POINTER) !== 0 || length > MOST_NAME_BYTES) throw new MalformedMessage('a label or name is too long');
      if (written > 0) scratch[written++] = DOT;
      written = this.#writeLabel(at, size, written);
      at += size;
    }
    this.offset = end ?? at;
    return scratch.toString('utf8', 0, written);
  }

  /** Byte by byte, since creating a string per label is several times slower for messages with many labels. */
  #writeLabel(at: number, size: number, start: number): number {
    let written = start;
    for (let next = at; next < at + size; next++) {
      const byte = this.#byteAt(next);
      if (byte === DOT || byte === BACKSLASH) scratch[written++] = BACKSLASH;
      if (byte <= SPACE || byte === DELETE)
        written += scratch.write(`\\${String(byte).padStart(3, '0')}`, written, 'latin1');
      else scratch[written++] = byte;
    }
    return written;
  }

  #byteAt(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new MalformedMessage('the message ends within a name');
    return byte;
  }

  /** Where the next `length` bytes start. */
  #advance(length: number): number {
    const start = this.offset;
    if (start + length > this.#bytes.length) throw new MalformedMessage('the message ends too early');
    this.offset = start + length;
    return start;
  }
}
