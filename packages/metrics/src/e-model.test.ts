import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mosFromR, rateTransmission } from './e-model.ts';

describe('rateTransmission', () => {
  it('rates the defaults as the Recommendation does: R = 93.2, MOS 4.41', () => {
    const rating = rateTransmission();
    expect(rating.r).toBeCloseTo(93.2, 1);
    expect(rating.mos).toBeCloseTo(4.41, 2);
    // Published terms of the default connection: Ro 94.77, Is 1.41, Id 0.15.
    expect(rating.signalToNoise).toBeCloseTo(94.77, 2);
    expect(rating.simultaneous).toBeCloseTo(1.41, 2);
    expect(rating.delay).toBeCloseTo(0.15, 2);
    expect(rating.equipment).toBe(0);
  });

  it('adds long delay: Idd of 200 ms and 400 ms by arithmetic', () => {
    // Ta = 200: X = log2(2) = 1. 2^(1/6) = 1.122462; 3 (1 + 1/729)^(1/6) = 3.000686; 25 (1.122462 - 3.000686 + 2).
    // Ta = 400: X = 2. 65^(1/6) = 2.005174; 3 (1 + 64/729)^(1/6) = 3.042371; 25 (2.005174 - 3.042371 + 2).
    const plain = rateTransmission().delay;
    expect(rateTransmission({ absoluteDelayMs: 100 }).delay).toBe(plain);
    expect(rateTransmission({ absoluteDelayMs: 200 }).delay - plain).toBeCloseTo(25 * 0.121776, 3);
    expect(rateTransmission({ absoluteDelayMs: 400 }).delay - plain).toBeCloseTo(25 * 0.962803, 3);
  });

  it('notices delay later when people do', () => {
    expect(rateTransmission({ absoluteDelayMs: 150, minimumPerceivableDelayMs: 150 }).delay).toBe(
      rateTransmission().delay,
    );
  });

  it('gives the published delay impairment at 150 ms with the echo of the defaults: about 3.8', () => {
    const delays = { meanOneWayDelayMs: 150, roundTripDelayMs: 300, absoluteDelayMs: 150 };
    expect(rateTransmission(delays).delay).toBeCloseTo(3.8, 1);
  });

  it('follows the published curves over delay: 45 dB of echo falls below 70 near 100 ms, 65 dB stays near 90', () => {
    const at = (telrDb: number, ms: number) =>
      rateTransmission({ telrDb, meanOneWayDelayMs: ms, roundTripDelayMs: 2 * ms, absoluteDelayMs: ms }).r;
    expect(at(45, 90)).toBeGreaterThan(70);
    expect(at(45, 110)).toBeLessThan(70);
    expect(Math.abs(at(65, 150) - 90)).toBeLessThan(1);
  });

  it('counts a faint sidetone as talker echo too (STMR above 20 dB)', () => {
    // Without delay Idte is 0, so the delay term gains Ist(25) itself, and the simultaneous term Ist(25) - Ist(15).
    // Ist(15) = 12 (1 + (1/3)^8)^(1/8) - 28 (1 + (16/19.4)^35)^(1/35) - 13 (1 + (12/33)^13)^(1/13) + 29 = -0.000715.
    const [usual, faint] = [rateTransmission(), rateTransmission({ stmrDb: 25 })];
    const gained = faint.simultaneous - usual.simultaneous;
    expect(gained).toBeGreaterThan(1);
    expect(faint.delay - usual.delay).toBeCloseTo(gained - 0.000715, 4);
  });

  it('has no talker echo below 1 ms', () => {
    expect(rateTransmission({ meanOneWayDelayMs: 0.99, telrDb: 20 }).delay).toBe(rateTransmission().delay);
    expect(rateTransmission({ meanOneWayDelayMs: 1, telrDb: 20 }).delay).toBeGreaterThan(rateTransmission().delay);
  });

  it('works the published example: G.729A, 2 % loss, 150 ms gives R 70.5 and MOS 3.62', () => {
    const rating = rateTransmission({
      meanOneWayDelayMs: 150,
      roundTripDelayMs: 300,
      absoluteDelayMs: 150,
      ie: 11,
      bpl: 19,
      packetLossPct: 2,
    });
    // 11 + 84 * 2 / (2 + 19) = 19
    expect(rating.equipment).toBeCloseTo(19, 10);
    expect(Math.abs(rating.r - 70.5)).toBeLessThan(0.1);
    expect(Math.abs(rating.mos - 3.62)).toBeLessThan(0.01);
  });

  it('weighs bursts: 2 % at burst ratio 2 is 11 + 84 * 2 / (1 + 19)', () => {
    const bursty = rateTransmission({ ie: 11, bpl: 19, packetLossPct: 2, burstRatio: 2 });
    expect(bursty.equipment).toBeCloseTo(19.4, 10);
  });

  it('adds the advantage', () => {
    expect(rateTransmission({ advantage: 10 }).r - rateTransmission().r).toBeCloseTo(10, 10);
  });

  it('is worse for an audible echo, more noise, more quantization and wrong loudness', () => {
    const best = rateTransmission({ meanOneWayDelayMs: 50 }).r;
    expect(rateTransmission({ meanOneWayDelayMs: 50, telrDb: 45 }).r).toBeLessThan(best - 5);
    expect(rateTransmission({ meanOneWayDelayMs: 50, circuitNoiseDbm: -50 }).r).toBeLessThan(best - 5);
    expect(rateTransmission({ meanOneWayDelayMs: 50, roomNoiseSendDb: 65 }).r).toBeLessThan(best - 5);
    expect(rateTransmission({ meanOneWayDelayMs: 50, roomNoiseReceiveDb: 65 }).r).toBeLessThan(best - 2);
    expect(rateTransmission({ meanOneWayDelayMs: 50, quantizationDistortionUnits: 14 }).r).toBeLessThan(best - 2);
    expect(rateTransmission({ meanOneWayDelayMs: 50, slrDb: 20 }).r).toBeLessThan(best - 5);
  });

  it('never rises with loss or delay', () => {
    const pct = fc.double({ min: 0, max: 100, noNaN: true });
    const ms = fc.double({ min: 1, max: 2000, noNaN: true });
    const delays = (t: number) => ({ meanOneWayDelayMs: t, roundTripDelayMs: 2 * t, absoluteDelayMs: t });
    fc.assert(
      fc.property(pct, pct, ms, ms, (lossA, lossB, delayA, delayB) => {
        const [less, more] = [Math.min(lossA, lossB), Math.max(lossA, lossB)];
        const [sooner, later] = [Math.min(delayA, delayB), Math.max(delayA, delayB)];
        const better = rateTransmission({ ...delays(sooner), packetLossPct: less });
        const worse = rateTransmission({ ...delays(later), packetLossPct: more });
        expect(worse.r).toBeLessThanOrEqual(better.r + 1e-6);
        expect(worse.mos).toBeGreaterThanOrEqual(1);
        expect(better.mos).toBeLessThanOrEqual(4.5);
      }),
    );
  });

  it('refuses values that cannot be, by name', () => {
    expect(() => rateTransmission({ packetLossPct: 101 })).toThrow(/packetLossPct/);
    expect(() => rateTransmission({ absoluteDelayMs: -1 })).toThrow(/absoluteDelayMs/);
    expect(() => rateTransmission({ bpl: 0 })).toThrow(/bpl/);
    expect(() => rateTransmission({ slrDb: Number.NaN })).toThrow(/slrDb/);
  });
});

describe('mosFromR', () => {
  it.each([
    // R, MOS worked from the formula of Annex B, MOS as its table prints it (4.03 for 80, rounded up there).
    [90, 1 + 3.15 + 0.189, 4.34],
    [80, 1 + 2.8 + 0.224, 4.03],
    [70, 1 + 2.45 + 0.147, 3.6],
    [60, 1 + 2.1, 3.1],
    [50, 1 + 1.75 - 0.175, 2.58],
  ])('maps R %i to %f, published as %f', (r, worked, published) => {
    expect(mosFromR(r)).toBeCloseTo(worked, 10);
    expect(Math.abs(mosFromR(r) - published)).toBeLessThan(0.0061);
  });

  it('has the published ends', () => {
    expect([mosFromR(-20), mosFromR(0), mosFromR(100), mosFromR(130)]).toEqual([1, 1, 4.5, 4.5]);
  });

  it('stays from 1 to 4.5 and never falls', () => {
    const r = fc.double({ min: -50, max: 150, noNaN: true });
    fc.assert(
      fc.property(r, r, (a, b) => {
        expect(mosFromR(Math.min(a, b))).toBeLessThanOrEqual(mosFromR(Math.max(a, b)) + 1e-12);
        expect(mosFromR(a)).toBeGreaterThanOrEqual(1);
        expect(mosFromR(a)).toBeLessThanOrEqual(4.5);
      }),
    );
  });

  it('refuses NaN', () => {
    expect(() => mosFromR(Number.NaN)).toThrow(/NaN/);
  });
});
