/** Reads what a ByteWriter wrote, front to back. Bytes that end too early are an error, never a number. */
export class ByteReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#offset++];
    if (value === undefined) throw endedEarly();
    return value;
  }

  varint(): number {
    const first = this.byte();
    if (first < 128) return first;
    let value = first & 127;
    let scale = 128;
    for (;;) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      scale *= 128;
    }
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(): number {
    this.#need(8);
    const value = this.#bytes.readDoubleLE(this.#offset);
    this.#offset += 8;
    return value;
  }

  fixed(width: number): number {
    this.#need(width);
    const value = this.#bytes.readUIntLE(this.#offset, width);
    this.#offset += width;
    return value;
  }

  text(): string {
    return this.raw(this.varint()).toString('utf8');
  }

  /** A view, not a copy. */
  raw(size: number): Buffer {
    this.#need(size);
    const value = this.#bytes.subarray(this.#offset, this.#offset + size);
    this.#offset += size;
    return value;
  }

  skip(size: number): void {
    this.#need(size);
    this.#offset += size;
  }

  #need(size: number): void {
    if (this.#offset + size > this.#bytes.length) throw endedEarly();
  }
}

const endedEarly = (): RangeError => new RangeError('stored bytes end too early: the database is damaged');
