import type { z } from 'zod';

/** What a schema's checks allow: characters of a text, items of a list, or the value of a number. Absent: no bound. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
  /** `least` itself is too small. */
  readonly above?: boolean;
  /** Of a number: whole ones only. */
  readonly whole: boolean;
}

interface Check {
  readonly check?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly format?: string;
}
interface Definition extends Check {
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
}

/** The definition of the schema that raised an issue, not of the check. */
const definitionOf = ({ schema, inst }: z.core.$ZodRawIssue): Definition =>
  ((schema ?? inst) as { readonly _zod: { readonly def: Definition } } | undefined)?._zod.def ?? {};

/** The format of the text that the schema takes; undefined: any. */
export const formatOf = (issue: z.core.$ZodRawIssue): string | undefined => definitionOf(issue).format;

/** The bounds of the schema that raised an issue. */
export function boundsOf(issue: z.core.$ZodRawIssue): Bounds {
  const definition = definitionOf(issue);
  const checks = (definition.checks ?? []).map(({ _zod }) => _zod.def);
  const whole = [definition, ...checks].some(({ format }) => format?.includes('int') === true);
  const step = whole ? 1 : 0;
  return checks.reduce<Bounds>((bounds, one) => tighter(bounds, one, step), { whole });
}

function tighter(bounds: Bounds, { check, minimum, maximum, value = 0, inclusive }: Check, step: number): Bounds {
  const open = inclusive === false ? step : 0;
  switch (check) {
    case 'min_length':
      return { ...bounds, ...(minimum === undefined ? {} : { least: minimum }) };
    case 'max_length':
      return { ...bounds, ...(maximum === undefined ? {} : { most: maximum }) };
    case 'greater_than':
      return { ...bounds, least: value + open, above: inclusive === false && step === 0 };
    case 'less_than':
      return { ...bounds, most: value - open };
    default:
      return bounds;
  }
}

/** `a text of 1 to 100 characters`, `a number from 0.1 on`; undefined where there is no bound. */
export function inBounds(lead: string, { least, most, above }: Bounds, unit = ''): string | undefined {
  const after = unit === '' ? '' : ` ${unit}`;
  const isLimit = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const of = lead.replace(/ (from|of)$/, '');
  if (above === true && isLimit(least)) return `${of} above ${least}${isLimit(most) ? `, ${most} at most` : ''}`;
  if (isLimit(least) && isLimit(most)) return `${lead} ${least} to ${most}${after}`;
  if (isLimit(least)) return unit === '' ? `${of}, ${least} or more` : `${of} of ${least}${after} or more`;
  if (isLimit(most)) return unit === '' ? `${of}, ${most} at most` : `${of} of ${most}${after} at most`;
  return undefined;
}
