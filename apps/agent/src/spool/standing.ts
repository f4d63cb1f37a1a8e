import { EpochRanges, type Segment } from './segments.ts';
import type { SeqRanges } from './seq-ranges.ts';

/** The first and the last record of an epoch that the spool holds. null: none. */
export type Held = (epoch: number) => readonly [first: number, last: number] | null;

/** What the server knows of each record that the spool holds, by epoch and sequence number. */
export class Standing {
  readonly #held: Held;
  /** The server has stored them, or knows that they are lost. Nothing is left to do. */
  readonly #settled = new EpochRanges();
  readonly #inFlight = new EpochRanges();
  /** They were sent in some session, so the server may have stored them. */
  readonly #uncertain = new EpochRanges();

  constructor(held: Held) {
    this.#held = held;
  }

  /** How many ranges it keeps. */
  get size(): number {
    return this.#settled.size + this.#inFlight.size + this.#uncertain.size;
  }

  /** Drops what is known of records that the spool no longer holds. */
  prune(): void {
    for (const ranges of [this.#settled, this.#inFlight, this.#uncertain])
      ranges.keepFrom((epoch) => this.#held(epoch)?.[0] ?? null);
  }

  /** A new session begins: nothing is under way, and the server has reported what it holds of these epochs. */
  session(epochs: readonly { readonly epoch: number }[]): void {
    this.#inFlight.clear();
    for (const { epoch } of epochs) this.#uncertain.clear(epoch);
  }

  sent(epoch: number, ranges: SeqRanges): void {
    for (const [from, to] of ranges) {
      this.#inFlight.of(epoch).add(from, to);
      this.#uncertain.of(epoch).add(from, to);
    }
  }

  /** A previous process may have sent any of these. */
  inherited({ name, lastSeq }: Segment): void {
    if (lastSeq >= name.firstSeq) this.#uncertain.of(name.epoch).add(name.firstSeq, lastSeq);
  }

  /** Ignores records that the spool does not hold, whatever the server says of them. */
  settle(epoch: number, from: number, to = from): void {
    const held = this.#held(epoch);
    if (held === null) return;
    const [first, last] = [Math.max(from, held[0]), Math.min(to, held[1])];
    if (first <= last) this.#settled.of(epoch).add(first, last);
  }

  isSettled(epoch: number, seq: number): boolean {
    return this.#settled.of(epoch).has(seq);
  }

  isUncertain(epoch: number, seq: number): boolean {
    return this.#uncertain.of(epoch).has(seq);
  }

  /** Neither settled nor under way. */
  isWanted(epoch: number, seq: number): boolean {
    return !this.isSettled(epoch, seq) && !this.#inFlight.of(epoch).has(seq);
  }

  /** Stretches of a segment that are not settled. */
  missing({ name, lastSeq }: Segment): readonly (readonly [number, number])[] {
    return lastSeq < name.firstSeq ? [] : this.#settled.of(name.epoch).missing(name.firstSeq, lastSeq);
  }

  isDone({ name, lastSeq }: Segment): boolean {
    return lastSeq < name.firstSeq || this.#settled.of(name.epoch).hasAll(name.firstSeq, lastSeq);
  }

  /** How many records of a segment are not settled. */
  open(segment: Segment): number {
    return this.missing(segment).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }
}
