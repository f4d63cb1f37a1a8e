import type { Retention } from '../store/result-store.ts';
import type { VariableReader } from './variables.ts';

const MOST_DAYS = 36_500;

interface RetentionVariable {
  readonly variable: string;
  readonly level: keyof Retention;
  /** Retention, days. null: for ever. */
  readonly fallback: number | null;
}

/** From the finest level to the coarsest: one line each. */
const RETENTION_VARIABLES: readonly RetentionVariable[] = [
  { variable: 'RETENTION_RAW', level: 'raw', fallback: 100 },
  { variable: 'RETENTION_5MIN', level: '5min', fallback: 400 },
  { variable: 'RETENTION_1H', level: '1h', fallback: 1830 },
  { variable: 'RETENTION_1D', level: '1d', fallback: null },
];

/**
 * Reads the retention of results and rollups. An unset level is kept at least as long as the finer one before it. Setting
 * a shorter one is a fault, since charts of longer windows would then reach back less far.
 */
export function readRetention(reader: VariableReader): Retention {
  const kept: { level: keyof Retention; variable: string; days: number | null }[] = [];
  for (const { variable, level, fallback } of RETENTION_VARIABLES) {
    const finer = kept.at(-1);
    const set = reader.read(variable, undefined, days);
    const unset = finer === undefined ? fallback : longer(fallback, finer.days);
    if (finer !== undefined && set !== undefined && isLess(set, finer.days))
      reader.fault(
        variable,
        `is ${inWords(set)}: it takes no less than ${finer.variable}, which is ${inWords(finer.days)}`,
      );
    kept.push({ level, variable, days: set === undefined ? unset : set });
  }
  return Object.fromEntries(kept.map(({ level, days }) => [level, days])) as Record<keyof Retention, number | null>;
}

function days(text: string): number | null {
  if (text.toLowerCase() === 'forever') return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > MOST_DAYS)
    throw new Error(`it takes a whole number of days from 1 to ${MOST_DAYS}, or forever`);
  return value;
}

const isLess = (a: number | null, b: number | null): boolean => a !== null && (b === null || a < b);
const longer = (a: number | null, b: number | null): number | null => (isLess(a, b) ? b : a);
const inWords = (value: number | null): string => (value === null ? 'forever' : `${value} days`);
