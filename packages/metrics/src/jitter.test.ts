import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interarrivalJitter, nextJitter } from './jitter.ts';

describe('interarrivalJitter', () => {
  it('jitter follows a series worked by hand', () => {
    // Transits 10 26 10 10: |D| = 16, 16, 0.
    // J: 0 + (16 - 0)/16 = 1; 1 + (16 - 1)/16 = 1.9375; 1.9375 - 1.9375/16 = 1.81640625.
    expect(interarrivalJitter([10, 26])).toBe(1);
    expect(interarrivalJitter([10, 26, 10])).toBe(1.9375);
    expect(interarrivalJitter([10, 26, 10, 10])).toBe(1.81640625);
  });

  it('jitter follows a stream of arrivals and RTP timestamps worked by hand, in order of arrival', () => {
    // [S, R] in ms, the fourth packet overtaking the third: R - S = 105 101 87 108 126, |D| = 4 14 21 18.
    // J = 4/16 = 0.25; 0.25 + 13.75/16 = 1.109375; 1.109375 + 19.890625/16 = 2.3525390625;
    // 2.3525390625 + 15.6474609375/16 = 3.33050537109375.
    const arrivals = [
      [0, 105],
      [20, 121],
      [60, 147],
      [40, 148],
      [80, 206],
    ] as const;
    expect(interarrivalJitter(arrivals.map(([sent, arrived]) => arrived - sent))).toBe(3.33050537109375);
  });

  it('jitter keeps fractions, unlike the scaled whole-number form', () => {
    // |D| = 0.5: 0.5 / 16 = 0.03125. The whole-number form of the RFC would give 0.
    expect(interarrivalJitter([1, 1.5])).toBe(0.03125);
  });

  it('a lost packet adds no step to the jitter, which continues from the last one received', () => {
    // 10, lost, 26: one difference of 16. J = 1.
    expect(interarrivalJitter([10, null, 26])).toBe(1);
    expect(interarrivalJitter([null, 10, null, null, 26, Number.NaN, 10])).toBe(1.9375);
  });

  it('jitter is absent with fewer than two packets, and 0 when nothing varies', () => {
    expect(interarrivalJitter([])).toBeUndefined();
    expect(interarrivalJitter([5])).toBeUndefined();
    expect(interarrivalJitter([null, 5, null])).toBeUndefined();
    expect(interarrivalJitter([5, 5])).toBe(0);
  });

  it('jitter tends to a constant difference: J = d (1 - (15/16)^n)', () => {
    const transits = Array.from({ length: 101 }, (_, i) => (i % 2) * 8);
    expect(interarrivalJitter(transits)).toBeCloseTo(8 * (1 - (15 / 16) ** 100), 12);
  });

  it('jitter never exceeds the largest difference and ignores a constant offset', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2 }), (transits) => {
        const jitter = interarrivalJitter(transits) ?? -1;
        expect(jitter).toBeGreaterThanOrEqual(0);
        expect(jitter).toBeLessThanOrEqual(Math.max(...transits) - Math.min(...transits));
        expect(interarrivalJitter(transits.map((t) => t + 5000))).toBe(jitter);
      }),
    );
  });
});

describe('nextJitter', () => {
  it('nextJitter moves by a sixteenth of the difference, for either sign of the change', () => {
    expect(nextJitter(16, 32)).toBe(17);
    expect(nextJitter(16, -32)).toBe(17);
    expect(nextJitter(16, 0)).toBe(15);
  });
});
