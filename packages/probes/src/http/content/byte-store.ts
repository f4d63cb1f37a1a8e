const FIRST_BYTES = 16 * 1024;

/** Keeps the first bytes of a stream up to a bound and counts the rest. Pieces are copied, so that none keeps a larger buffer. */
export class ByteStore {
  readonly #most: number;
  #bytes: Buffer = Buffer.alloc(0);
  #kept = 0;
  #total = 0;

  /** @param most maximum number of bytes kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that were added. */
  get total(): number {
    return this.#total;
  }

  /** Whether some of the added bytes were dropped. */
  get overflowed(): boolean {
    return this.#total > this.#kept;
  }

  /** A view of the kept bytes. */
  get kept(): Buffer {
    return this.#bytes.subarray(0, this.#kept);
  }

  add(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#total += to - from;
    const size = Math.min(to - from, this.#most - this.#kept);
    if (size === 0) return;
    if (this.#kept + size > this.#bytes.length) this.#grow(this.#kept + size);
    bytes.copy(this.#bytes, this.#kept, from, from + size);
    this.#kept += size;
  }

  #grow(needed: number): void {
    const size =
      this.#bytes.length === 0 && needed > FIRST_BYTES ? needed : Math.max(needed, 2 * this.#bytes.length, FIRST_BYTES);
    const larger = Buffer.allocUnsafeSlow(Math.min(size, this.#most));
    this.#bytes.copy(larger, 0, 0, this.#kept);
    this.#bytes = larger;
  }
}
