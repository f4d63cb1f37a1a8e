import type { Appended } from './segment-writer.ts';

/** A group of records in two pieces, which cross to the thread at a fraction of the cost of as many objects. */
export interface PackedRecords {
  /** Six numbers a record: seq, check, target, from, to, count. */
  readonly facts: Float64Array<ArrayBuffer>;
  /** Each record's JSON on a line of its own; JSON holds no line feeds. */
  readonly lines: string;
}

const FACTS = 6;

/** Gathers records until they are taken as one group. */
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

/** The records of a group, in their order. */
export function unpack({ facts, lines }: PackedRecords): Appended[] {
  return lines.split('\n').map((json, i) => {
    const fact = (place: number) => facts[i * FACTS + place] ?? 0;
    return { seq: fact(0), check: fact(1), target: fact(2), from: fact(3), to: fact(4), count: fact(5), json };
  });
}
