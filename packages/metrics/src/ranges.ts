/** One range of whole numbers, both ends included. */
export type Range = readonly [from: number, to: number];

/**
 * A set of whole numbers kept as merged ranges: which results of an agent's epoch arrived, which of them are
 * acknowledged. Adding at the end costs the same however long the set is; adding elsewhere costs a binary search and
 * the move of the ranges behind it. Ranges are disjoint, rising, and never touch.
 */
export class RangeSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;

  /**
   * @param ranges in any order, overlapping or not; also what `toJSON` gave.
   * @throws RangeError when a range is not two safe whole numbers in rising order.
   */
  constructor(ranges: Iterable<Range> = []) {
    for (const [from, to] of ranges) this.add(from, to);
  }

  /** How many numbers are in the set; 0 or more. */
  get count(): number {
    return this.#count;
  }

  /** How many ranges hold them; 0 or more. */
  get size(): number {
    return this.#starts.length;
  }

  /** Smallest number; undefined when the set is empty. */
  get first(): number | undefined {
    return this.#starts[0];
  }

  /** Largest number; undefined when the set is empty. */
  get last(): number | undefined {
    return this.#ends.at(-1);
  }

  /**
   * Adds `from` to `to`, both included; `to` is `from` when not given.
   * @returns how many of them were new: 0 means that all were there already.
   */
  add(from: number, to: number = from): number {
    checkRange(from, to);
    const low = this.#firstEndingFrom(from - 1);
    let high = low;
    let start = from;
    let end = to;
    let present = 0;
    while (high < this.#starts.length) {
      const [nextStart, nextEnd] = this.#at(high);
      if (nextStart > to + 1) break;
      present += nextEnd - nextStart + 1;
      start = Math.min(start, nextStart);
      end = Math.max(end, nextEnd);
      high++;
    }
    this.#replace(low, high, start, end);
    const added = end - start + 1 - present;
    this.#count += added;
    return added;
  }

  /** Removes all numbers below `value`. */
  removeBefore(value: number): void {
    const index = this.#firstEndingFrom(value);
    for (let i = 0; i < index; i++) this.#count -= this.#at(i)[1] - this.#at(i)[0] + 1;
    this.#starts.splice(0, index);
    this.#ends.splice(0, index);
    const start = this.#starts[0];
    if (start === undefined || start >= value) return;
    this.#count -= value - start;
    this.#starts[0] = value;
  }

  /** True when the number is in the set. */
  has(value: number): boolean {
    const index = this.#firstEndingFrom(value);
    const start = this.#starts[index];
    return start !== undefined && start <= value;
  }

  /** True when every number from `from` to `to` is in the set. */
  hasAll(from: number, to: number): boolean {
    checkRange(from, to);
    const index = this.#firstEndingFrom(from);
    return index < this.size && this.#at(index)[0] <= from && this.#at(index)[1] >= to;
  }

  /** Ranges of the numbers from `from` to `to` that are not in the set. */
  missing(from: number, to: number): Range[] {
    checkRange(from, to);
    const gaps: Range[] = [];
    let next = from;
    for (let index = this.#firstEndingFrom(from); index < this.size && next <= to; index++) {
      const [start, end] = this.#at(index);
      if (start > to) break;
      if (start > next) gaps.push([next, start - 1]);
      next = end + 1;
    }
    if (next <= to) gaps.push([next, to]);
    return gaps;
  }

  /** A new set of the numbers that are in both. */
  intersect(other: RangeSet): RangeSet {
    const both = new RangeSet();
    let mine = 0;
    let theirs = 0;
    while (mine < this.size && theirs < other.size) {
      const [myStart, myEnd] = this.#at(mine);
      const [theirStart, theirEnd] = other.#at(theirs);
      const start = Math.max(myStart, theirStart);
      const end = Math.min(myEnd, theirEnd);
      if (start <= end) both.add(start, end);
      if (myEnd < theirEnd) mine++;
      else theirs++;
    }
    return both;
  }

  /** The ranges in rising order. */
  *[Symbol.iterator](): Generator<Range> {
    for (let index = 0; index < this.size; index++) yield this.#at(index);
  }

  /** `[[from, to], ...]` in rising order, which the constructor takes back. */
  toJSON(): Range[] {
    return [...this];
  }

  #at(index: number): Range {
    const start = this.#starts[index];
    const end = this.#ends[index];
    if (start === undefined || end === undefined) throw new RangeError(`no range at ${index} of ${this.size}`);
    return [start, end];
  }

  /** Index of the first range that ends at `value` or later; the number of ranges when there is none. */
  #firstEndingFrom(value: number): number {
    const last = this.#ends.length - 1;
    if (last < 0 || (this.#ends[last] ?? 0) < value) return last + 1;
    if ((this.#starts[last] ?? 0) <= value) return last;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #replace(low: number, high: number, start: number, end: number): void {
    if (high === low + 1) {
      this.#starts[low] = start;
      this.#ends[low] = end;
    } else if (low === this.size) {
      this.#starts.push(start);
      this.#ends.push(end);
    } else {
      this.#starts.splice(low, high - low, start);
      this.#ends.splice(low, high - low, end);
    }
  }
}

function checkRange(from: number, to: number): void {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from) {
    throw new RangeError(`a range must be two whole numbers in rising order, got ${from} to ${to}`);
  }
}
