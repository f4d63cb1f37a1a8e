import { LIMITS } from './limits.ts';

const LF = 10;
const CR = 13;
const START = Buffer.from('http/');
/** White space before the status line, which some servers send after the previous answer. */
const MOST_SKIPPED = 16;

/** A complete head, and the bytes received after it. */
export interface FoundHead {
  /** Decoded as Latin-1, without the empty line that ends it. */
  readonly text: string;
  readonly behind: Buffer;
}

/** Collects the bytes of one head until its empty line. It reads each byte once, however small the pieces are. */
export class HeadBytes {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #skipped = 0;
  #lineStart = 0;
  #scanned = 0;

  /** Bytes of the head so far. */
  get length(): number {
    return this.#length;
  }

  /** Whether white space preceded the status line. */
  get skipped(): boolean {
    return this.#skipped > 0;
  }

  /** Adds bytes; returns null while the head is incomplete. */
  add(bytes: Buffer): FoundHead | 'not_http' | null {
    const piece = this.#length === 0 ? this.#withoutLeadingSpace(bytes) : bytes;
    if (piece.length === 0) return this.#skipped > MOST_SKIPPED ? 'not_http' : null;
    const before = this.#length;
    this.#append(piece);
    if (before < START.length && !this.#startsLikeHttp()) return 'not_http';
    const end = this.#endOfHead();
    if (end === null) {
      if (before === 0) this.#own();
      return null;
    }
    const text = this.#bytes.toString('latin1', 0, Math.max(0, this.#lineStart - 1));
    this.#length = end;
    return { text, behind: piece.subarray(end - before) };
  }

  #withoutLeadingSpace(bytes: Buffer): Buffer {
    let at = 0;
    while (at < bytes.length && isSpace(bytes[at] ?? 0)) at += 1;
    this.#skipped += at;
    return at === 0 ? bytes : this.#skipped > MOST_SKIPPED ? bytes.subarray(0, 0) : bytes.subarray(at);
  }

  /** Reads the first piece without a copy, since it holds most heads completely. */
  #append(piece: Buffer): void {
    if (this.#length === 0) this.#bytes = piece;
    else {
      const taken = piece.subarray(0, Math.max(0, LIMITS.headBytes + 1 - this.#length));
      this.#reserve(this.#length + taken.length);
      taken.copy(this.#bytes, this.#length);
      this.#length += taken.length;
      return;
    }
    this.#length = piece.length;
  }

  /** Copies the first piece, which belongs to the caller. */
  #own(): void {
    const borrowed = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    this.#length = Math.min(borrowed.length, LIMITS.headBytes + 1);
    this.#reserve(this.#length);
    borrowed.copy(this.#bytes, 0, 0, this.#length);
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length, 1024));
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }

  #startsLikeHttp(): boolean {
    const size = Math.min(START.length, this.#length);
    for (let at = 0; at < size; at += 1) {
      const wanted = START[at] ?? 0;
      const byte = this.#bytes[at] ?? 0;
      if ((wanted === 47 ? byte : byte | 32) !== wanted) return false;
    }
    return true;
  }

  /** The offset after the empty line; the start of that line stays in `#lineStart`. */
  #endOfHead(): number | null {
    for (;;) {
      const lf = this.#bytes.indexOf(LF, this.#scanned);
      if (lf < 0 || lf >= this.#length) {
        this.#scanned = this.#length;
        return null;
      }
      this.#scanned = lf + 1;
      let lineEnd = lf;
      while (lineEnd > this.#lineStart && this.#bytes[lineEnd - 1] === CR) lineEnd -= 1;
      if (lineEnd === this.#lineStart && lf > 0) return lf + 1;
      this.#lineStart = lf + 1;
    }
  }
}

const isSpace = (byte: number): boolean => byte === LF || byte === CR || byte === 32 || byte === 9;
