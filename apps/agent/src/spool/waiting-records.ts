import type { Appended } from './segment-writer.ts';

/** Records that the disk has not accepted yet, oldest first. */
export class WaitingRecords {
  #records: Appended[] = [];
  #bytes = 0;

  get length(): number {
    return this.#records.length;
  }

  /** Characters of their JSON, about one byte each. */
  get bytes(): number {
    return this.#bytes;
  }

  get first(): Appended | undefined {
    return this.#records[0];
  }

  push(records: readonly Appended[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.json.length;
    }
  }

  /** The oldest records that fit one write of `maxBytes`; at least one where there is any. */
  group(maxBytes: number): readonly Appended[] {
    let bytes = 0;
    let size = 0;
    for (const { json } of this.#records) {
      if (size > 0 && bytes + json.length > maxBytes) break;
      bytes += json.length;
      size += 1;
    }
    return this.#records.slice(0, size);
  }

  /** How many of the oldest records to drop so that the rest uses three quarters of `maxBytes`; 0 while all fit. */
  beyond(maxBytes: number): number {
    if (this.#bytes <= maxBytes) return 0;
    let bytes = this.#bytes;
    let count = 0;
    while (bytes > maxBytes * 0.75) bytes -= this.#records[count++]?.json.length ?? bytes;
    return count;
  }

  /** Removes the oldest records. */
  take(count: number): readonly Appended[] {
    const taken = this.#records.splice(0, count);
    for (const { json } of taken) this.#bytes -= json.length;
    return taken;
  }
}
