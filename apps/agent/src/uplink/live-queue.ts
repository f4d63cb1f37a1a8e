import type { Kept } from '../spool/spool-core.ts';

const MAX_CHARS = 8 * 1024 * 1024;

/** Durable records to be sent while they are fresh. Those that do not fit are left to the backlog. */
export class LiveQueue {
  #records: Kept[] = [];
  #head = 0;
  #chars = 0;

  get length(): number {
    return this.#records.length - this.#head;
  }

  get records(): readonly Kept[] {
    return this.#records;
  }

  /** Where the queue begins in `records`. */
  get head(): number {
    return this.#head;
  }

  /** The first record's sequence number; undefined when empty. */
  get firstSeq(): number | undefined {
    return this.#records[this.#head]?.seq;
  }

  /** Returns true when the oldest record was removed for it. */
  push(records: readonly Kept[]): boolean {
    for (const record of records) {
      this.#records.push(record);
      this.#chars += record.json.length;
    }
    if (this.#chars <= MAX_CHARS) return false;
    while (this.#chars > MAX_CHARS / 2) this.take(1);
    return true;
  }

  take(count: number): void {
    for (const end = this.#head + count; this.#head < end; this.#head++)
      this.#chars -= this.#records[this.#head]?.json.length ?? 0;
    if (this.#head === this.#records.length || this.#head > 10_000) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
  }
}
