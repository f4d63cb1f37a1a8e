import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addToSketch, createSketch, sketchPercentile } from './quantile-sketch.ts';
import { decodeSketch, encodeSketch } from './sketch-codec.ts';

const sketches = fc
  .array(fc.tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 2 ** 40 })))
  .map((given) => {
    const sketch = createSketch({ maxBins: 64 });
    for (const [value, times] of given) addToSketch(sketch, value, times);
    return sketch;
  });

describe('sketch codec', () => {
  it('writes bytes worked by hand', () => {
    // Accuracy 1/3: gamma 2, so 6 lies in bucket ceil(log2 6) = 3 and 0.3 in ceil(log2 0.3) = -1.
    // Format 1; 333333 = 21 + 44 * 128 + 20 * 16384; maxBins 8; one zero; 2 buckets: -1 (zigzag 1) twice,
    // step 3 - -1 - 1 = 3, once; negative: 1 bucket, 3 (zigzag 6), 200 times = 72 + 1 * 128.
    const sketch = createSketch({ accuracyPpm: 333_333, maxBins: 8 });
    for (const value of [0.3, 0, 6, 0.3]) addToSketch(sketch, value);
    addToSketch(sketch, -6, 200);
    expect([...encodeSketch(sketch)]).toEqual([1, 21 | 128, 44 | 128, 20, 8, 1, 2, 1, 2, 3, 1, 1, 6, 72 | 128, 1]);
  });

  it('comes back equal', () => {
    fc.assert(
      fc.property(sketches, (sketch) => {
        const back = decodeSketch(encodeSketch(sketch));
        expect(back).toEqual(sketch);
        expect(sketchPercentile(back, 95)).toBe(sketchPercentile(sketch, 95));
      }),
    );
  });

  it('refuses each cut, and bytes left over', () => {
    fc.assert(
      fc.property(sketches, (sketch) => {
        const bytes = encodeSketch(sketch);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decodeSketch(bytes.subarray(0, length))).toThrow(RangeError);
        }
        expect(() => decodeSketch(Uint8Array.of(...bytes, 0))).toThrow(/left over/);
      }),
      { numRuns: 20 },
    );
  });

  it('names what is wrong', () => {
    expect(() => decodeSketch(Uint8Array.of(2))).toThrow(/format must be 1/);
    expect(() => decodeSketch(Uint8Array.of(1, 100, 8, 0, 9))).toThrow(/maxBins/);
    expect(() => decodeSketch(Uint8Array.of(1, 100, 8, 0, 1, 0, 0, 0))).toThrow(/count of a bucket/);
    expect(() => decodeSketch(Uint8Array.of(1, ...Array<number>(9).fill(255), 1))).toThrow(/accuracyPpm/);
  });

  it('never does anything but throw a RangeError on rubbish', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (rubbish) => {
        try {
          decodeSketch(rubbish);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
