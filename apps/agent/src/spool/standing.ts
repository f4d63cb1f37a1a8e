import { EpochRanges, type Segment } from './segments.ts';
import type { SeqRanges } from './seq-ranges.ts';

/** What the server knows of each record, by epoch and sequence number. */
export class Standing {
  /** The server has stored them, or knows that they are lost. Nothing is left to do. */
  readonly #settled = new EpochRanges();
  readonly #inFlight = new EpochRanges();
  /** They were sent in some session, so the server may have stored them. */
  readonly #uncertain = new EpochRanges();

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

  settle(epoch: number, from: number, to = from): void {
    this.#settled.of(epoch).add(from, to);
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
