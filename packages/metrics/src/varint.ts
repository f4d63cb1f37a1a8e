/**
 * Appends a whole number from 0 to 2^53 - 1 as LEB128: seven bits per byte from the lowest, the high bit set on all
 * bytes but the last.
 * @throws RangeError when the value is not such a number.
 */
export function writeVarint(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`a varint must be a safe whole number, 0 or more, got ${value}`);
  }
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** Reads varints from bytes, front to back. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * The next number.
   * @param what is being read, for the message of the error.
   * @throws RangeError when the bytes end within it or it is larger than 2^53 - 1.
   */
  varint(what: string): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#offset++];
      if (byte === undefined) throw new RangeError(`${what}: the bytes end at ${this.#bytes.length}, expected more`);
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError(`${what}: the number is larger than 2^53 - 1`);
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  /** @throws RangeError when bytes are left over. */
  finish(what: string): void {
    const left = this.#bytes.length - this.#offset;
    if (left > 0) throw new RangeError(`${what}: ${left} bytes are left over after its end`);
  }
}
