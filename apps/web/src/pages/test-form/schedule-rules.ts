import { SPAN_SECONDS, type SpanUnit } from './draft.ts';
import type { NumberRule } from './number-text.ts';

/** Of the interval of a test or of one check. */
export const INTERVAL_RULE: NumberRule = { minimum: 0.1, maximum: 604_800, unit: 's' };
/** Of the number of agents that run a test. */
export const COUNT_RULE: NumberRule = { minimum: 1, maximum: 1000, whole: true };

const LONGEST_S = 315_360_000;

/** Of the duration of a test, in a unit. */
export const durationRule = (unit: SpanUnit): NumberRule => ({
  minimum: 1 / SPAN_SECONDS[unit],
  maximum: LONGEST_S / SPAN_SECONDS[unit],
  unit,
});
