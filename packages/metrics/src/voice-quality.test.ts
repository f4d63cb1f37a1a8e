import { describe, expect, it } from 'vitest';
import { CODEC_IDS, CODECS } from './codecs.ts';
import { rateTransmission } from './e-model.ts';
import { assumedOneWayDelayMs, voiceQuality } from './voice-quality.ts';

describe('voiceQuality', () => {
  it('voiceQuality uses half the RTT, one packet and the jitter buffer as delay', () => {
    // 180 / 2 + 20 + 40 = 150 ms, worked out in the E-model's suite: R is 70.539.
    const rating = voiceQuality({ rttMs: 180, lossPct: 2 }, { codec: 'g729a_vad', jitterBufferMs: 40 });
    expect(rating.r).toBeCloseTo(70.539131, 4);
    const same = { meanOneWayDelayMs: 150, roundTripDelayMs: 300, absoluteDelayMs: 150 };
    expect(rating).toEqual(rateTransmission({ ...same, ie: 11, bpl: 19, packetLossPct: 2 }));
  });

  it('voiceQuality counts loss by the codec: 1 % costs 95 / (1 + Bpl)', () => {
    // G.711: 95 / 5.3 = 17.92; with concealment 95 / 26.1 = 3.64.
    const path = { rttMs: 20, lossPct: 1 };
    expect(voiceQuality(path, { codec: 'g711', jitterBufferMs: 0 }).equipment).toBeCloseTo(95 / 5.3, 10);
    expect(voiceQuality(path, { codec: 'g711_plc', jitterBufferMs: 0 }).equipment).toBeCloseTo(95 / 26.1, 10);
  });

  it('voiceQuality uses the burst ratio', () => {
    const path = { rttMs: 20, lossPct: 2, burstRatio: 2 };
    // 95 * 2 / (1 + 25.1)
    expect(voiceQuality(path, { codec: 'g711_plc', jitterBufferMs: 0 }).equipment).toBeCloseTo(190 / 26.1, 10);
  });

  it('voiceQuality rates every codec, and rates a call with total loss as the lowest', () => {
    for (const codec of CODEC_IDS) {
      const assumed = { codec, jitterBufferMs: 40 };
      const clean = voiceQuality({ rttMs: 20, lossPct: 0 }, assumed);
      expect(clean.equipment).toBe(CODECS[codec].ie);
      expect(clean.mos).toBeGreaterThan(3.5);
      expect(voiceQuality({ rttMs: 20, lossPct: 100 }, assumed).mos).toBeLessThan(1.5);
    }
  });

  it('voiceQuality refuses impossible values, by name', () => {
    expect(() => voiceQuality({ rttMs: -1, lossPct: 0 }, { codec: 'g711', jitterBufferMs: 0 })).toThrow(/rttMs/);
    expect(() => voiceQuality({ rttMs: 1, lossPct: 0 }, { codec: 'g711', jitterBufferMs: -1 })).toThrow(
      /jitterBufferMs/,
    );
  });

  it('the assumed one-way delay is half of the round trip', () => {
    expect(assumedOneWayDelayMs(25)).toBe(12.5);
    expect(() => assumedOneWayDelayMs(Number.NaN)).toThrow(/rttMs/);
  });
});
