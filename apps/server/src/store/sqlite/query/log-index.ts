import { isMeasuredAfter } from '../codec/measured-order.ts';

const CHUNK = 65_536;
/** Beside a verdict's two bits. */
const REPEATED = 4;

/** A log record's position and its most queried fields. */
export interface IndexedRecord {
  readonly batch: number;
  readonly offset: number;
  readonly series: number;
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  readonly verdict: number;
  /** It repeats an instant. */
  readonly repeated: boolean;
}

interface Chunk {
  readonly batch: Float64Array;
  readonly offset: Uint32Array;
  readonly series: Uint32Array;
  readonly at: Float64Array;
  readonly epoch: Float64Array;
  readonly seq: Float64Array;
  /** The verdict's code, and REPEATED. */
  readonly verdict: Uint8Array;
  /** Distance to the series' previous record, in records. 0: there is none. */
  readonly back: Uint32Array;
}

const newChunk = (): Chunk => ({
  batch: new Float64Array(CHUNK),
  offset: new Uint32Array(CHUNK),
  series: new Uint32Array(CHUNK),
  at: new Float64Array(CHUNK),
  epoch: new Float64Array(CHUNK),
  seq: new Float64Array(CHUNK),
  verdict: new Uint8Array(CHUNK),
  back: new Uint32Array(CHUNK),
});

/** Index of the log's records by series, in arrival order and chained by series. About 45 bytes a record. */
export class LogIndex {
  readonly #chunks = new Map<number, Chunk>();
  readonly #last = new Map<number, number>();
  /** Each series' record that was measured last. */
  readonly #newest = new Map<number, number>();
  #first = 0;
  #next = 0;
  #spare: Chunk | undefined;

  add({ batch, offset, series, at, epoch, seq, verdict, repeated }: IndexedRecord): void {
    const number = this.#next++;
    const place = number % CHUNK;
    let chunk = this.#chunks.get(Math.floor(number / CHUNK));
    if (chunk === undefined) {
      chunk = this.#spare ?? newChunk();
      this.#spare = undefined;
      this.#chunks.set(Math.floor(number / CHUNK), chunk);
    }
    const before = this.#last.get(series);
    chunk.batch[place] = batch;
    chunk.offset[place] = offset;
    chunk.series[place] = series;
    chunk.at[place] = at;
    chunk.epoch[place] = epoch;
    chunk.seq[place] = seq;
    chunk.verdict[place] = repeated ? verdict | REPEATED : verdict;
    chunk.back[place] = before === undefined || before < this.#first ? 0 : number - before;
    this.#last.set(series, number);
    const newest = this.newest(series);
    if (newest === undefined || isMeasuredAfter({ epoch, seq }, newest)) this.#newest.set(series, number);
  }

  /**
   * The record that was measured last. undefined: the log has none, or it is folded. Then no record left in the log is
   * newer than those in blocks, and the next arrival becomes the newest of the log.
   */
  newest(series: number): IndexedRecord | undefined {
    const number = this.#newest.get(series);
    return number === undefined || number < this.#first ? undefined : this.#at(number);
  }

  /** Drops the records of batches up to and including this one, since they are in blocks now. */
  dropThrough(batch: number): void {
    while (this.#first < this.#next && this.#at(this.#first).batch <= batch) {
      const after = Math.min(this.#next, (Math.floor(this.#first / CHUNK) + 1) * CHUNK);
      const place = Math.floor(this.#first / CHUNK);
      while (this.#first < after && this.#at(this.#first).batch <= batch) this.#first += 1;
      if (this.#first === (place + 1) * CHUNK) {
        this.#spare = this.#chunks.get(place);
        this.#chunks.delete(place);
      }
    }
    if (this.#first === this.#next) {
      this.#last.clear();
      this.#newest.clear();
      this.#chunks.clear();
      this.#spare = undefined;
    }
  }

  /** Records of one series, newest arrival first. */
  ofSeries(series: number): IndexedRecord[] {
    const found: IndexedRecord[] = [];
    let number = this.#last.get(series);
    while (number !== undefined && number >= this.#first) {
      found.push(this.#at(number));
      const back = this.#chunks.get(Math.floor(number / CHUNK))?.back[number % CHUNK] ?? 0;
      number = back === 0 ? undefined : number - back;
    }
    return found;
  }

  /** Records of one series whose instants are wanted, newest arrival first. Others cost no more than two reads each. */
  visit(series: number, isWanted: (at: number) => boolean, visit: (record: IndexedRecord) => void): void {
    let number = this.#last.get(series);
    while (number !== undefined && number >= this.#first) {
      const chunk = this.#chunks.get(Math.floor(number / CHUNK));
      const place = number % CHUNK;
      if (isWanted(chunk?.at[place] ?? 0)) visit(this.#at(number));
      const back = chunk?.back[place] ?? 0;
      number = back === 0 ? undefined : number - back;
    }
  }

  /** All records in arrival order, or those of the last arrivals. */
  forEach(visit: (record: IndexedRecord) => void, last = Number.POSITIVE_INFINITY): void {
    for (let number = Math.max(this.#first, this.#next - last); number < this.#next; number += 1)
      visit(this.#at(number));
  }

  get size(): number {
    return this.#next - this.#first;
  }

  #at(number: number): IndexedRecord {
    const chunk = this.#chunks.get(Math.floor(number / CHUNK));
    const place = number % CHUNK;
    if (chunk === undefined) throw new RangeError('the log index lost a chunk');
    const verdict = chunk.verdict[place] ?? 0;
    return {
      batch: chunk.batch[place] ?? 0,
      offset: chunk.offset[place] ?? 0,
      series: chunk.series[place] ?? 0,
      at: chunk.at[place] ?? 0,
      epoch: chunk.epoch[place] ?? 0,
      seq: chunk.seq[place] ?? 0,
      verdict: verdict & ~REPEATED,
      repeated: (verdict & REPEATED) !== 0,
    };
  }
}
