import type { Irregularity } from './irregularity.ts';
import { LIMITS } from './limits.ts';
import type { ReadFault } from './read-fault.ts';

const LF = 10;
const CR = 13;

/** Receives the content, as views of the bytes that were read. */
export interface ContentSink {
  content(bytes: Buffer, from: number, to: number): void;
}

type Place = 'size' | 'rest_of_line' | 'content' | 'after_content' | 'trailer';

/** Decodes the chunked coding as its bytes arrive. Source: RFC 9112 section 7.1 */
export class ChunkedReader {
  readonly #sink: ContentSink;
  readonly #irregular: Set<Irregularity>;
  #place: Place = 'size';
  /** Of the current chunk: first its size, then the bytes still missing. */
  #left = 0;
  #digits = 0;
  /** Of the current line, without its end. */
  #lineBytes = 0;
  #afterCr = false;
  #trailerBytes = 0;
  #framingBytes = 0;
  #contentBytes = 0;
  #state: 'reading' | 'complete' | ReadFault = 'reading';

  constructor(sink: ContentSink, irregular: Set<Irregularity>) {
    this.#sink = sink;
    this.#irregular = irregular;
  }

  get state(): 'reading' | 'complete' | ReadFault {
    return this.#state;
  }

  /**
   * Reads these bytes from an offset on.
   * @returns the offset of the first unread byte: after the answer's last byte, if these bytes hold it
   */
  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && this.#state === 'reading')
      at = this.#place === 'content' ? this.#readContent(bytes, at) : this.#readFraming(bytes, at);
    return at;
  }

  #readContent(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.#contentBytes += end - from;
    this.#sink.content(bytes, from, end);
    if (this.#left === 0) this.#begin('after_content');
    return end;
  }

  #readFraming(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0;
    if (this.#place === 'size') {
      const digit = hexDigit(byte);
      if (digit < 0) return this.#sizeEnded(at);
      this.#left = this.#left * 16 + digit;
      this.#digits += 1;
      if (!Number.isSafeInteger(this.#left)) this.#state = 'bad_chunk';
    } else if (this.#place === 'after_content') {
      if (byte !== LF && byte !== CR) this.#state = 'bad_chunk';
      if (byte === CR && this.#afterCr) this.#irregular.add('chunk_line');
      if (byte === LF) this.#lineEnded();
    } else if (byte === LF) this.#lineEnded();
    else if (byte !== CR) this.#readText(byte);
    this.#afterCr = byte === CR;
    this.#count();
    return at + 1;
  }

  /** The size ends at the first non-digit, which belongs to the rest of the line. */
  #sizeEnded(at: number): number {
    if (this.#digits === 0) this.#state = 'bad_chunk';
    this.#begin('rest_of_line');
    return at;
  }

  #readText(byte: number): void {
    const blank = byte === 32 || byte === 9;
    if (this.#place === 'rest_of_line' && !blank && this.#lineBytes === 0 && byte !== 59)
      this.#irregular.add('chunk_line');
    if (!blank || this.#lineBytes > 0 || this.#place === 'trailer') this.#lineBytes += 1;
  }

  #count(): void {
    this.#framingBytes += 1;
    if (this.#place === 'trailer') {
      this.#trailerBytes += 1;
      if (this.#trailerBytes > LIMITS.trailerBytes) this.#state = 'trailer_limit';
    } else if (this.#lineBytes > LIMITS.chunkLineBytes) this.#state = 'chunk_line_limit';
    else if (this.#framingBytes > LIMITS.framingBytes + LIMITS.framingPerContentByte * this.#contentBytes)
      this.#state = 'framing_limit';
  }

  #lineEnded(): void {
    if (!this.#afterCr) this.#irregular.add('bare_lf');
    if (this.#place === 'after_content') this.#begin('size');
    else if (this.#place === 'rest_of_line') this.#begin(this.#left === 0 ? 'trailer' : 'content');
    else if (this.#lineBytes === 0) this.#state = 'complete';
    else this.#lineBytes = 0;
  }

  #begin(place: Place): void {
    this.#place = place;
    this.#lineBytes = 0;
    this.#afterCr = false;
    if (place !== 'size') return;
    this.#left = 0;
    this.#digits = 0;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
