/** Units and pure mathematics of measurements. Imports nothing; runs in browsers and Node. */
export * from './codecs.ts';
export * from './delays.ts';
export * from './distribution.ts';
export { type EModelRating, mosFromR, rateTransmission } from './e-model.ts';
export { E_MODEL_DEFAULTS, type EModelParameters } from './e-model-parameters.ts';
export * from './format-value.ts';
export * from './ipdv.ts';
export * from './jitter.ts';
export * from './loss.ts';
export * from './pdv.ts';
export * from './quality-class.ts';
export * from './quantile-sketch.ts';
export * from './ranges.ts';
export * from './reordering.ts';
export * from './sketch-codec.ts';
export * from './units.ts';
export * from './varint.ts';
export * from './voice-quality.ts';
