import type { SegmentName } from './segment-files.ts';
import { findEntry } from './segment-reader.ts';
import type { Segment } from './segments.ts';

/** The time of the oldest waiting record. It is read from the disk once and cached while that record stays the oldest. */
export class OldestRecord {
  readonly #folder: string;
  #known: { readonly name: SegmentName; readonly seq: number; readonly at: number } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Its first scheduled instant, epoch ms. Where the disk no longer holds that, the first instant of its segment. */
  at({ name, firstAt }: Segment, seq: number): number {
    if (this.#known?.name === name && this.#known.seq === seq) return this.#known.at;
    try {
      this.#known = { name, seq, at: findEntry(this.#folder, name, seq)?.from ?? firstAt };
      return this.#known.at;
    } catch {
      // A disk that cannot be read is reported where its records are needed. They are back when the disk can be read
      // again.
      return firstAt;
    }
  }
}
