import type { EModelParameters } from './e-model-parameters.ts';

/** Sum of powers given in dB, in dB. */
function addPowers(...levelsDb: readonly number[]): number {
  return 10 * Math.log10(levelsDb.reduce((sum, level) => sum + 10 ** (level / 10), 0));
}

/**
 * All noise referred to the 0 dBr point [No], dBm0p: circuit noise, room noise at both ends and the noise floor.
 *
 * Source: ITU-T G.107 (06/2015) clause 7.2, "Basic signal-to-noise ratio, Ro".
 */
export function noisePower(p: EModelParameters): number {
  const overall = p.slrDb + p.rlrDb;
  const send = p.roomNoiseSendDb - p.slrDb - p.ds - 100 + 0.004 * (p.roomNoiseSendDb - overall - p.ds - 14) ** 2;
  const enhanced = p.roomNoiseReceiveDb + 10 * Math.log10(1 + 10 ** ((10 - p.lstrDb) / 10));
  const receive = p.rlrDb - 121 + enhanced + 0.008 * (enhanced - 35) ** 2;
  return addPowers(p.circuitNoiseDbm, send, receive, p.noiseFloorDbm + p.rlrDb);
}

/** Basic signal-to-noise ratio [Ro] on the scale of R, from the noise of `noisePower`. */
export function basicSignalToNoise(p: EModelParameters, noise: number): number {
  return 15 - 1.5 * (p.slrDb + noise);
}
