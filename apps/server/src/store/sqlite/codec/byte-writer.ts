const TWO_31 = 2 ** 31;

/** Bytes written front to back into a buffer that grows; used again and again through `reset`. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  /** What was written, as a view that the next write may overwrite. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written, as a copy. */
  copy(): Buffer {
    return Buffer.from(this.view());
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte from the lowest. */
  varint(value: number): void {
    this.#room(8);
    const bytes = this.#bytes;
    let rest = value;
    while (rest >= TWO_31) {
      bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  /** A whole number from -2^52 to 2^52 - 1: small ones of either sign stay short. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(value: number): void {
    this.#room(8);
    this.#bytes.writeDoubleLE(value, this.#length);
    this.#length += 8;
  }

  /** The low `width` bytes (1 to 6) of a whole number. */
  fixed(value: number, width: number): void {
    this.#room(width);
    this.#bytes.writeUIntLE(value, this.#length, width);
    this.#length += width;
  }

  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.#room(size);
    this.#bytes.write(value, this.#length, 'utf8');
    this.#length += size;
  }

  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #room(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.view());
    this.#bytes = larger;
  }
}
