import { basicSignalToNoise, noisePower } from './e-model-noise.ts';
import { type EModelParameters, withDefaults } from './e-model-parameters.ts';

/** The terms of the transmission rating, each on the scale of R: R = Ro - Is - Id - Ie,eff + A. */
export interface EModelRating {
  /** Transmission rating factor; 93.2 with all defaults. Below 0 or above 100 is possible and counts as the limit. */
  readonly r: number;
  /** Basic signal-to-noise ratio [Ro]. */
  readonly signalToNoise: number;
  /** Simultaneous impairments: loudness, sidetone, quantization [Is]. */
  readonly simultaneous: number;
  /** Delay impairments: talker echo, listener echo, long delay [Id]. */
  readonly delay: number;
  /** Codec and loss [Ie,eff]. */
  readonly equipment: number;
  /** Mean opinion score of R. */
  readonly mos: number;
}

/**
 * Rates a narrowband voice connection. A planning model for averages of many listeners, not the opinion of one caller.
 *
 * Source: ITU-T G.107 (06/2015) clauses 7.1 to 7.6; what the formulas were checked against stands in e-model.test.ts.
 * @throws RangeError naming the parameter that is out of range.
 */
export function rateTransmission(given: Partial<EModelParameters> = {}): EModelRating {
  const parameters = withDefaults(given);
  const noise = noisePower(parameters);
  const signalToNoise = basicSignalToNoise(parameters, noise);
  const sidetone = sidetoneImpairment(parameters);
  const simultaneous =
    loudnessImpairment(parameters, noise) + sidetone + quantizationImpairment(parameters, signalToNoise);
  const delay =
    talkerEchoImpairment(parameters, noise, sidetone) +
    listenerEchoImpairment(parameters, signalToNoise) +
    longDelayImpairment(parameters);
  const equipment = effectiveEquipmentImpairment(parameters);
  const r = signalToNoise - simultaneous - delay - equipment + parameters.advantage;
  return { r, signalToNoise, simultaneous, delay, equipment, mos: mosFromR(r) };
}

/**
 * Estimated mean opinion score (conversational quality) of a transmission rating: 1 to 4.5, never falling as R rises.
 * The published polynomial dips to 0.99 below R = 6.5; the score is held at 1 there, the lowest grade that exists.
 *
 * Source: ITU-T G.107 Annex B (R <= 0: 1; R >= 100: 4.5; between: 1 + 0.035 R + R (R - 60) (100 - R) 7e-6).
 */
export function mosFromR(r: number): number {
  if (Number.isNaN(r)) throw new RangeError('R must be a number, got NaN');
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** Too loud or too faint a connection [Iolr]. */
function loudnessImpairment(p: EModelParameters, noise: number): number {
  const overall = p.slrDb + p.rlrDb;
  const x = (overall + 0.2 * (64 + noise - p.rlrDb)) / 8;
  return 20 * ((1 + x ** 8) ** (1 / 8) - x);
}

/** Sidetone away from its best level [Ist]. */
function sidetoneImpairment(p: EModelParameters): number {
  const echoed = Math.exp(-p.meanOneWayDelayMs / 4) * 10 ** (-p.telrDb / 10);
  const sidetone = -10 * Math.log10(10 ** (-p.stmrDb / 10) + echoed);
  const bend = (offset: number, width: number, power: number) =>
    (1 + ((sidetone + offset) / width) ** power) ** (1 / power);
  return 12 * bend(-13, 6, 8) - 28 * bend(1, 19.4, 35) - 13 * bend(-3, 33, 13) + 29;
}

/** Quantization noise [Iq]. */
function quantizationImpairment(p: EModelParameters, signalToNoise: number): number {
  const q = 37 - 15 * Math.log10(p.quantizationDistortionUnits);
  const g = 1.07 + 0.258 * q + 0.0602 * q * q;
  const y = (signalToNoise - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  return 15 * Math.log10(1 + 10 ** y + 10 ** z);
}

/** Talker echo [Idte]; none below 1 ms, where an echo is part of the sidetone. */
function talkerEchoImpairment(p: EModelParameters, noise: number, sidetone: number): number {
  const t = p.meanOneWayDelayMs;
  const echoed = t < 1 ? 0 : talkerEcho(p, noise, sidetone);
  return p.stmrDb > 20 ? Math.hypot(echoed, sidetone) : echoed;
}

function talkerEcho(p: EModelParameters, noise: number, sidetone: number): number {
  const t = p.meanOneWayDelayMs;
  const masked = p.stmrDb < 9 ? sidetone / 2 : 0;
  const terv = p.telrDb - 40 * Math.log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t * t) + masked;
  const half = (-1.5 * (noise - p.rlrDb) - (80 + 2.5 * (terv - 14))) / 2;
  return (half + Math.sqrt(half * half + 100) - 1) * (1 - Math.exp(-t));
}

/** Listener echo [Idle]. */
function listenerEchoImpairment(p: EModelParameters, signalToNoise: number): number {
  const half = (signalToNoise - 10.5 * (p.weplDb + 7) * (p.roundTripDelayMs + 1) ** -0.25) / 2;
  return half + Math.sqrt(half * half + 169);
}

/** Delay too long for a conversation even without echo [Idd]; none up to the smallest delay that people notice. */
function longDelayImpairment(p: EModelParameters): number {
  if (p.absoluteDelayMs <= p.minimumPerceivableDelayMs) return 0;
  const x = Math.log2(p.absoluteDelayMs / p.minimumPerceivableDelayMs);
  const power = 6 * p.delaySensitivity;
  return 25 * ((1 + x ** power) ** (1 / power) - 3 * (1 + (x / 3) ** power) ** (1 / power) + 2);
}

/** Codec impairment raised by packet loss [Ie,eff]. */
function effectiveEquipmentImpairment(p: EModelParameters): number {
  if (p.packetLossPct === 0) return p.ie;
  return p.ie + (95 - p.ie) * (p.packetLossPct / (p.packetLossPct / p.burstRatio + p.bpl));
}
