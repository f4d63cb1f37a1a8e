import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, writeVarint } from './varint.ts';

function written(value: number): number[] {
  const bytes: number[] = [];
  writeVarint(bytes, value);
  return bytes;
}

describe('varint', () => {
  it('varints have seven bits per byte, lowest first', () => {
    expect(written(0)).toEqual([0]);
    expect(written(127)).toEqual([127]);
    // 300 = 2 * 128 + 44
    expect(written(300)).toEqual([44 | 128, 2]);
    // 2^53 - 1: seven full bytes of ones and 4 bits
    expect(written(Number.MAX_SAFE_INTEGER)).toEqual([...Array<number>(7).fill(255), 15]);
  });

  it('varints are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
        const reader = new ByteReader(Uint8Array.from(numbers.flatMap(written)));
        for (const number of numbers) expect(reader.varint('number')).toBe(number);
        reader.finish('numbers');
      }),
    );
  });

  it('varints refuse numbers and bytes that are out of range', () => {
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => written(bad)).toThrow(/varint/);
    expect(() => new ByteReader(Uint8Array.of(128)).varint('thing')).toThrow(/thing: the bytes end at 1/);
    expect(() => new ByteReader(Uint8Array.of(...Array<number>(8).fill(255), 1)).varint('thing')).toThrow(/larger/);
  });
});
