import type { SegmentName } from './segment-files.ts';
import { findEntry } from './segment-reader.ts';
import type { Segment } from './segments.ts';

/** When the oldest record that waits is from: read from the disk once, and remembered while it stays the oldest. */
export class OldestRecord {
  readonly #folder: string;
  #known: { readonly name: SegmentName; readonly seq: number; readonly at: number } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Its first scheduled instant, epoch ms; of its segment's first record where nothing on the disk tells its own. */
  at({ name, firstAt }: Segment, seq: number): number {
    if (this.#known?.name === name && this.#known.seq === seq) return this.#known.at;
    try {
      this.#known = { name, seq, at: findEntry(this.#folder, name, seq)?.from ?? firstAt };
      return this.#known.at;
    } catch {
      // A disk that cannot be read is reported where its records are needed; they are there again when it can be read.
      return firstAt;
    }
  }
}
