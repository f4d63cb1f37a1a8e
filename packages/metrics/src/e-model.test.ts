import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mosFromR, rateTransmission } from './e-model.ts';

/**
 * What these vectors come from. Of ITU-T G.107 (06/2015) only the table of contents could be opened: it gives the clauses
 * and the annex that the code cites. The formulas and defaults were compared, term by term, with three independent public
 * implementations that name that edition: `mos_score` of flent (whose authors checked it against the ITU's own
 * calculator), `compute_mos` of the OpenBACH testbed, and a Go one whose README prints R for the defaults. What they
 * compute agrees with each other and with the code; not each computes all of it: flent keeps Is constant and has
 * BurstR = Bpl = 1. They differ for a sidetone above 20 dB at no delay, which calls of ours never have. A fourth, in Go,
 * names each equation by its number (7-2 to 7-28): its delay impairment and the code's are the same to six places at eleven
 * delays from 0 to 400 ms. The arithmetic below is written out from those formulas, not taken from the code's output.
 */
describe('rateTransmission', () => {
  it('the defaults are rated as published: R = 93.2, in full 93.206208', () => {
    const rating = rateTransmission();
    // The Go implementation's README prints 93.206208 for the table of defaults.
    expect(rating.r).toBeCloseTo(93.206208, 6);
    // flent has these two as constants: No = -61.17921438624169, so Ro = 15 - 1.5 (8 + No); Is = 1.4135680813438616.
    // That Is holds with an echo delay, where the term exp(-T / 4) of the sidetone has gone.
    expect(rating.signalToNoise).toBeCloseTo(15 - 1.5 * (8 - 61.17921438624169), 10);
    expect(rateTransmission({ meanOneWayDelayMs: 150 }).simultaneous).toBeCloseTo(1.4135680813438616, 10);
    // 1 + 0.035 * 93.206208 + 93.206208 * 33.206208 * 6.793792 * 7e-6 = 1 + 3.262217 + 0.147189
    expect(rating.mos).toBeCloseTo(4.409406, 6);
    expect(rating.equipment).toBe(0);
  });

  it('the defaults are rated as by hand: noise, loudness, sidetone, quantization, listener echo', () => {
    // Nos = 35 - 8 - 3 - 100 + 0.004 (35 - 10 - 3 - 14)^2 = -76 + 0.256 = -75.744
    // Pre = 35 + 10 log10(1 + 10^-0.8) = 35 + 10 log10(1.158489) = 35.638920
    // Nor = 2 - 121 + 35.638920 + 0.008 * 0.638920^2 = -83.357814;  Nfo = -64 + 2 = -62
    // No  = 10 log10(1e-7 + 10^-7.5744 + 10^-8.3357814 + 10^-6.2)
    //     = 10 log10(1.000000e-7 + 0.266440e-7 + 0.046154e-7 + 6.309573e-7) = 10 log10(7.622168e-7) = -61.179214
    // Ro  = 15 - 1.5 (8 - 61.179214) = 94.768821
    // Xolr = 10 + 0.2 (64 - 61.179214 - 2) = 10.164157; x = 1.270520; x^8 = 6.789707
    // Iolr = 20 (7.789707^(1/8) - 1.270520) = 20 (1.292529 - 1.270520) = 0.440178
    // Ist(15.0) = -0.000715 (see the test of the sidetone below)
    // G = 1.07 + 0.258 * 37 + 0.0602 * 37^2 = 93.0298
    // Y = -5.231179 / 15 + 46 / 8.4 - 93.0298 / 9 = -5.209199;  Z = 46 / 30 - 93.0298 / 40 = -0.792412
    // Iq = 15 log10(1 + 10^-5.209199 + 10^-0.792412) = 15 log10(1.161289) = 0.974105
    // Is = 0.440178 - 0.000715 + 0.974105 = 1.413568
    // Rle = 10.5 * 117 = 1228.5;  half = (94.768821 - 1228.5) / 2 = -566.865589
    // Idle = -566.865589 + sqrt(566.865589^2 + 169) = 0.149046
    // R = 94.768822 - 1.413568 - 0.149046 = 93.206208
    const { signalToNoise, simultaneous, delay, r } = rateTransmission();
    expect(signalToNoise).toBeCloseTo(94.768821, 5);
    expect(simultaneous).toBeCloseTo(1.413568, 5);
    expect(delay).toBeCloseTo(0.149046, 5);
    expect(r).toBeCloseTo(93.206208, 5);
  });

  it('talker and listener echo of 60 ms are rated as by arithmetic', () => {
    // TERV = 65 - 40 log10((1 + 6) / (1 + 0.4)) + 6 e^-1080 = 65 - 40 log10(5) = 37.041200
    // Re = 80 + 2.5 (37.041200 - 14) = 137.603000;  Roe = -1.5 (-61.179214 - 2) = 94.768821
    // half = (94.768821 - 137.603000) / 2 = -21.417089
    // Idte = -21.417089 + sqrt(21.417089^2 + 100) - 1 = -21.417089 + 23.636660 - 1 = 1.219571
    // Rle = 1228.5 * 121^-0.25 = 1228.5 * 0.301511 = 370.406687;  half = -137.818933
    // Idle = -137.818933 + sqrt(137.818933^2 + 169) = 0.611766
    const delays = { meanOneWayDelayMs: 60, roundTripDelayMs: 120, absoluteDelayMs: 60 };
    expect(rateTransmission(delays).delay).toBeCloseTo(1.219571 + 0.611766, 5);
  });

  it('long delays of 200 ms and 400 ms are rated as by arithmetic (Idd)', () => {
    // Ta = 200: X = log2(2) = 1. 2^(1/6) = 1.122462; 3 (1 + 1/729)^(1/6) = 3.000686; 25 (1.122462 - 3.000686 + 2).
    // Ta = 400: X = 2. 65^(1/6) = 2.005174; 3 (1 + 64/729)^(1/6) = 3.042371; 25 (2.005174 - 3.042371 + 2).
    const plain = rateTransmission().delay;
    expect(rateTransmission({ absoluteDelayMs: 100 }).delay).toBe(plain);
    expect(rateTransmission({ absoluteDelayMs: 200 }).delay - plain).toBeCloseTo(25 * 0.121776, 3);
    expect(rateTransmission({ absoluteDelayMs: 400 }).delay - plain).toBeCloseTo(25 * 0.962803, 3);
  });

  it('delay impairment starts later for less sensitive users', () => {
    expect(rateTransmission({ absoluteDelayMs: 150, minimumPerceivableDelayMs: 150 }).delay).toBe(
      rateTransmission().delay,
    );
  });

  it('the delay impairment at 150 ms with the echo of the defaults is as by arithmetic', () => {
    // TERV = 65 - 40 log10(16 / 2) = 28.876401; Re = 117.191001; half = (94.768821 - 117.191001) / 2 = -11.211090
    // Idte = -11.211090 + sqrt(225.688536) - 1 = 2.811844
    // Rle = 1228.5 * 301^-0.25 = 294.939906; half = -100.085542; Idle = -100.085542 + sqrt(10186.115718) = 0.840747
    // Idd: X = log2(1.5) = 0.584963; X^6 = 0.040065; 1.040065^(1/6) = 1.006569; (X/3)^6 = 0.000055
    //      25 (1.006569 - 3 * 1.000009 + 2) = 0.163531
    const delays = { meanOneWayDelayMs: 150, roundTripDelayMs: 300, absoluteDelayMs: 150 };
    expect(rateTransmission(delays).delay).toBeCloseTo(2.811844 + 0.840747 + 0.163531, 4);
  });

  it('R follows the published curves over delay: 45 dB of echo falls below 70 near 100 ms, 65 dB stays near 90', () => {
    const at = (telrDb: number, ms: number) =>
      rateTransmission({ telrDb, meanOneWayDelayMs: ms, roundTripDelayMs: 2 * ms, absoluteDelayMs: ms }).r;
    expect(at(45, 90)).toBeGreaterThan(70);
    expect(at(45, 110)).toBeLessThan(70);
    expect(Math.abs(at(65, 150) - 90)).toBeLessThan(1);
  });

  it('a faint sidetone counts as talker echo too (STMR above 20 dB)', () => {
    // Without delay Idte is 0, so the delay term gains Ist(25) itself, and the simultaneous term Ist(25) - Ist(15).
    // Ist(15) = 12 (1 + (1/3)^8)^(1/8) - 28 (1 + (16/19.4)^35)^(1/35) - 13 (1 + (12/33)^13)^(1/13) + 29 = -0.000715.
    const [usual, faint] = [rateTransmission(), rateTransmission({ stmrDb: 25 })];
    const gained = faint.simultaneous - usual.simultaneous;
    expect(gained).toBeGreaterThan(1);
    expect(faint.delay - usual.delay).toBeCloseTo(gained - 0.000715, 4);
  });

  it('there is no talker echo below 1 ms', () => {
    expect(rateTransmission({ meanOneWayDelayMs: 0.99, telrDb: 20 }).delay).toBe(rateTransmission().delay);
    expect(rateTransmission({ meanOneWayDelayMs: 1, telrDb: 20 }).delay).toBeGreaterThan(rateTransmission().delay);
  });

  it('G.729A with 2 % loss and 150 ms has R 70.539 and MOS 3.622', () => {
    const rating = rateTransmission({
      meanOneWayDelayMs: 150,
      roundTripDelayMs: 300,
      absoluteDelayMs: 150,
      ie: 11,
      bpl: 19,
      packetLossPct: 2,
    });
    // 11 + 84 * 2 / (2 + 19) = 19; 94.768821 - 1.413568 - 3.816122 - 19 = 70.539131
    expect(rating.equipment).toBeCloseTo(19, 10);
    expect(rating.r).toBeCloseTo(70.539131, 4);
    // 1 + 0.035 * 70.539131 + 70.539131 * 10.539131 * 29.460869 * 7e-6 = 1 + 2.468870 + 0.153313
    expect(rating.mos).toBeCloseTo(3.622183, 4);
  });

  it('2 % loss at burst ratio 2 has impairment 11 + 84 * 2 / (1 + 19)', () => {
    const bursty = rateTransmission({ ie: 11, bpl: 19, packetLossPct: 2, burstRatio: 2 });
    expect(bursty.equipment).toBeCloseTo(19.4, 10);
  });

  it('the advantage is added to R', () => {
    expect(rateTransmission({ advantage: 10 }).r - rateTransmission().r).toBeCloseTo(10, 10);
  });

  it('an audible echo, more noise, more quantization and wrong loudness lower R', () => {
    const best = rateTransmission({ meanOneWayDelayMs: 50 }).r;
    expect(rateTransmission({ meanOneWayDelayMs: 50, telrDb: 45 }).r).toBeLessThan(best - 5);
    expect(rateTransmission({ meanOneWayDelayMs: 50, circuitNoiseDbm: -50 }).r).toBeLessThan(best - 5);
    expect(rateTransmission({ meanOneWayDelayMs: 50, roomNoiseSendDb: 65 }).r).toBeLessThan(best - 5);
    expect(rateTransmission({ meanOneWayDelayMs: 50, roomNoiseReceiveDb: 65 }).r).toBeLessThan(best - 2);
    expect(rateTransmission({ meanOneWayDelayMs: 50, quantizationDistortionUnits: 14 }).r).toBeLessThan(best - 2);
    expect(rateTransmission({ meanOneWayDelayMs: 50, slrDb: 20 }).r).toBeLessThan(best - 5);
  });

  it('R never rises with loss or delay', () => {
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

  it('impossible values are refused by name', () => {
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

  it('MOS has the published ends', () => {
    expect([mosFromR(-20), mosFromR(0), mosFromR(100), mosFromR(130)]).toEqual([1, 1, 4.5, 4.5]);
  });

  it('MOS stays from 1 to 4.5 and never falls', () => {
    const r = fc.double({ min: -50, max: 150, noNaN: true });
    fc.assert(
      fc.property(r, r, (a, b) => {
        expect(mosFromR(Math.min(a, b))).toBeLessThanOrEqual(mosFromR(Math.max(a, b)) + 1e-12);
        expect(mosFromR(a)).toBeGreaterThanOrEqual(1);
        expect(mosFromR(a)).toBeLessThanOrEqual(4.5);
      }),
    );
  });

  it('MOS refuses NaN', () => {
    expect(() => mosFromR(Number.NaN)).toThrow(/NaN/);
  });
});
