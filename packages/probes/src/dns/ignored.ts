import type { Ignored, Mismatch } from './observation.ts';

/** Counts messages that are no answer, however many there are. */
export class IgnoredCount implements Ignored {
  count = 0;
  readonly #why = new Set<Mismatch>();

  get why(): readonly Mismatch[] {
    return [...this.#why];
  }

  add(mismatch: Mismatch): void {
    this.count += 1;
    this.#why.add(mismatch);
  }
}

export const NONE_IGNORED: Ignored = Object.freeze({ count: 0, why: Object.freeze([]) });
