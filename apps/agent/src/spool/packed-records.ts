import type { Appended } from './segment-writer.ts';

/** A group of records in two pieces. Sending these to the thread costs a fraction of sending as many objects. */
export interface PackedRecords {
  /** Six numbers per record: seq, check, target, from, to, count. */
  readonly facts: Float64Array<ArrayBuffer>;
  /** Each record's JSON on its own line; JSON contains no line feeds. */
  readonly lines: string;
}

const FACTS = 6;

/** Collects records until they are sent as one group. */
export class RecordPacker {
  #facts: number[] = [];
  #lines: string[] = [];

  get size(): number {
    return this.#lines.length;
  }

  add({ seq, check, target, from, to, count, json }: Appended): void {
    this.#facts.push(seq, check, target, from, to, count);
    this.#lines.push(json);
  }

  take(): PackedRecords {
    const packed = { facts: Float64Array.from(this.#facts), lines: this.#lines.join('\n') };
    this.#facts = [];
    this.#lines = [];
    return packed;
  }
}

/** Returns the records of a group, in order. */
export function unpack({ facts, lines }: PackedRecords): Appended[] {
  return lines.split('\n').map((json, i) => {
    const fact = (place: number) => facts[i * FACTS + place] ?? 0;
    return { seq: fact(0), check: fact(1), target: fact(2), from: fact(3), to: fact(4), count: fact(5), json };
  });
}
