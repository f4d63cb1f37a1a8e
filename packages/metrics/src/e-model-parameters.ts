/**
 * Inputs of the E-model. Levels and loudness ratings in dB, delays in ms. In brackets: the symbol of ITU-T G.107.
 * The defaults stand for a good narrowband connection; monitoring overrides delay, codec and loss and keeps the rest.
 */
export interface EModelParameters {
  /** Send loudness rating [SLR], dB. */
  readonly slrDb: number;
  /** Receive loudness rating [RLR], dB. */
  readonly rlrDb: number;
  /** Sidetone masking rating [STMR], dB. */
  readonly stmrDb: number;
  /** Listener sidetone rating [LSTR], dB. */
  readonly lstrDb: number;
  /** D-value of the telephone, send side [Ds]. */
  readonly ds: number;
  /** Talker echo loudness rating [TELR], dB: 65 is an echo that nobody hears. */
  readonly telrDb: number;
  /** Weighted echo path loss [WEPL], dB. */
  readonly weplDb: number;
  /** Mean one-way delay of the echo path [T], ms. */
  readonly meanOneWayDelayMs: number;
  /** Round-trip delay in a 4-wire loop [Tr], ms. */
  readonly roundTripDelayMs: number;
  /** Absolute delay from mouth to ear [Ta], ms. */
  readonly absoluteDelayMs: number;
  /** Delay sensitivity of the conversation [sT]; 1 for ordinary telephony. */
  readonly delaySensitivity: number;
  /** Smallest delay that people notice [mT], ms. */
  readonly minimumPerceivableDelayMs: number;
  /** Number of quantization distortion units [qdu]. */
  readonly quantizationDistortionUnits: number;
  /** Equipment impairment factor of the codec [Ie]. */
  readonly ie: number;
  /** Packet-loss robustness factor of the codec [Bpl]. */
  readonly bpl: number;
  /** Packet loss after the jitter buffer [Ppl], percent, 0 to 100. */
  readonly packetLossPct: number;
  /** Burst ratio of the loss [BurstR]; 1 for random loss. */
  readonly burstRatio: number;
  /** Circuit noise [Nc], dBm0p. */
  readonly circuitNoiseDbm: number;
  /** Noise floor at the receive side [Nfor], dBmp. */
  readonly noiseFloorDbm: number;
  /** Room noise at the send side [Ps], dB(A). */
  readonly roomNoiseSendDb: number;
  /** Room noise at the receive side [Pr], dB(A). */
  readonly roomNoiseReceiveDb: number;
  /** Advantage of access [A], 0 to 20: what people forgive for convenience. Netsonde leaves it at 0. */
  readonly advantage: number;
}

/** Source: ITU-T G.107 (06/2015) clause 7.7, "Default values" (with these R = 93.2). */
export const E_MODEL_DEFAULTS: EModelParameters = Object.freeze({
  slrDb: 8,
  rlrDb: 2,
  stmrDb: 15,
  lstrDb: 18,
  ds: 3,
  telrDb: 65,
  weplDb: 110,
  meanOneWayDelayMs: 0,
  roundTripDelayMs: 0,
  absoluteDelayMs: 0,
  delaySensitivity: 1,
  minimumPerceivableDelayMs: 100,
  quantizationDistortionUnits: 1,
  ie: 0,
  bpl: 4.3,
  packetLossPct: 0,
  burstRatio: 1,
  circuitNoiseDbm: -70,
  noiseFloorDbm: -64,
  roomNoiseSendDb: 35,
  roomNoiseReceiveDb: 35,
  advantage: 0,
});

type Limits = readonly (readonly [name: keyof EModelParameters, low: number, high: number])[];

/** Bounds outside which a formula has no meaning; levels in dB only need to be sane. */
const LIMITS: Limits = (Object.keys(E_MODEL_DEFAULTS) as (keyof EModelParameters)[]).map((name) => {
  switch (name) {
    case 'meanOneWayDelayMs':
    case 'roundTripDelayMs':
    case 'absoluteDelayMs':
      return [name, 0, Number.MAX_VALUE];
    case 'delaySensitivity':
      return [name, 0.01, 10];
    case 'minimumPerceivableDelayMs':
      return [name, 1, Number.MAX_VALUE];
    case 'quantizationDistortionUnits':
      return [name, 1, 14];
    case 'ie':
      return [name, 0, 95];
    case 'bpl':
      return [name, 0.1, 1000];
    case 'packetLossPct':
      return [name, 0, 100];
    case 'burstRatio':
      return [name, 0.01, 1000];
    case 'advantage':
      return [name, 0, 20];
    default:
      return [name, -1000, 1000];
  }
});

/**
 * The defaults with some values replaced.
 * @throws RangeError naming the parameter that is not finite or out of range.
 */
export function withDefaults(given: Partial<EModelParameters>): EModelParameters {
  const parameters = { ...E_MODEL_DEFAULTS, ...given };
  for (const [name, low, high] of LIMITS) {
    const value = parameters[name];
    if (!(value >= low && value <= high)) {
      throw new RangeError(`${name} must lie between ${low} and ${high}, got ${value}`);
    }
  }
  return parameters;
}
