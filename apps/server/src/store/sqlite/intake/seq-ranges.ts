import { ByteReader } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';

/** Sequence numbers as ranges, both ends included: ascending, apart by at least one. */
export class SeqRanges {
  #ranges: [number, number][];

  constructor(ranges: readonly (readonly [number, number])[] = []) {
    this.#ranges = ranges.map(([from, to]) => [from, to]);
  }

  get list(): readonly (readonly [number, number])[] {
    return this.#ranges;
  }

  has(seq: number): boolean {
    const range = this.#ranges[this.#firstEndingFrom(seq)];
    return range !== undefined && range[0] <= seq;
  }

  add(from: number, to = from): void {
    const first = this.#firstEndingFrom(from - 1);
    let low = from;
    let high = to;
    let after = first;
    for (; after < this.#ranges.length; after += 1) {
      const range = this.#ranges[after];
      if (range === undefined || range[0] > to + 1) break;
      low = Math.min(low, range[0]);
      high = Math.max(high, range[1]);
    }
    this.#ranges.splice(first, after - first, [low, high]);
  }

  /** Removes one number. */
  remove(seq: number): void {
    const place = this.#firstEndingFrom(seq);
    const range = this.#ranges[place];
    if (range === undefined || range[0] > seq) return;
    const parts: [number, number][] = [
      [range[0], seq - 1],
      [seq + 1, range[1]],
    ];
    this.#ranges.splice(place, 1, ...parts.filter(([from, to]) => from <= to));
  }

  /** Removes all numbers below `seq`. */
  removeBefore(seq: number): void {
    const first = this.#firstEndingFrom(seq);
    this.#ranges.splice(0, first);
    const range = this.#ranges[0];
    if (range !== undefined && range[0] < seq) range[0] = seq;
  }

  /** The parts of [from, to] that are in here. */
  within(from: number, to: number): readonly (readonly [number, number])[] {
    const found: [number, number][] = [];
    for (let i = this.#firstEndingFrom(from); i < this.#ranges.length; i += 1) {
      const range = this.#ranges[i];
      if (range === undefined || range[0] > to) break;
      found.push([Math.max(from, range[0]), Math.min(to, range[1])]);
    }
    return found;
  }

  toBytes(): Buffer {
    const out = new ByteWriter(16);
    let before = 0;
    for (const [from, to] of this.#ranges) {
      out.varint(from - before);
      out.varint(to - from);
      before = to;
    }
    return out.copy();
  }

  static fromBytes(bytes: Buffer): SeqRanges {
    const input = new ByteReader(bytes);
    const ranges: [number, number][] = [];
    let before = 0;
    while (!input.done) {
      const from = before + input.varint();
      before = from + input.varint();
      ranges.push([from, before]);
    }
    return new SeqRanges(ranges);
  }

  /** Place of the first range that ends at or after `seq`. */
  #firstEndingFrom(seq: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.[1] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
