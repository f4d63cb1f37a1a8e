import type { OptionField } from '@netsonde/probes/catalog';
import type { NumberRule } from './number-text.ts';

/** What the number of an option must be. */
export const numberRule = ({ kind, minimum, maximum, unit }: OptionField): NumberRule => ({
  whole: kind === 'integer',
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
  ...(unit === undefined ? {} : { unit }),
});
