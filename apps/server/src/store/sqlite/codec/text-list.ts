import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

const WORTH_DEFLATING = 120;

/** The distinct texts of a block: findings, flags, logs, reasons, text values, instance keys. Place 0 is "none". */
export class TextList {
  readonly #places = new Map<string, number>();

  placeOf(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.#places.size + 1);
    return this.#places.size;
  }

  write(out: ByteWriter): void {
    const plain = this.#places.size === 0 ? Buffer.alloc(0) : Buffer.from(JSON.stringify([...this.#places.keys()]));
    const deflated = plain.length < WORTH_DEFLATING ? plain : deflateRawSync(plain, { level: 6 });
    const smaller = deflated.length < plain.length;
    out.varint((smaller ? deflated : plain).length * 2 + (smaller ? 1 : 0));
    out.raw(smaller ? deflated : plain);
  }
}

/** The texts by place; place 0 is undefined. */
export function readTexts(input: ByteReader): readonly (string | undefined)[] {
  const head = input.varint();
  const bytes = input.raw(Math.floor(head / 2));
  if (bytes.length === 0) return [undefined];
  const plain = head % 2 === 1 ? inflateRawSync(bytes) : bytes;
  return [undefined, ...(JSON.parse(plain.toString('utf8')) as string[])];
}
