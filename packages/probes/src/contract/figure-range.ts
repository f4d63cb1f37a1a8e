import type { Unit } from '@netsonde/metrics';
import type { MetricDescriptor, SampleDescriptor } from './metric.ts';

/** Largest magnitude of a figure: above any count of 64 bits, and so low that no sum of figures overflows. */
export const LARGEST_FIGURE = 1e21;

/** Least and largest value, both included. */
export interface FigureRange {
  readonly least: number;
  readonly most: number;
}

const ANY: FigureRange = { least: -LARGEST_FIGURE, most: LARGEST_FIGURE };
const FROM_ZERO: FigureRange = { least: 0, most: LARGEST_FIGURE };
const SHARE: FigureRange = { least: 0, most: 100 };

/** Units of which values below zero are usual. */
const SIGNED_UNITS: ReadonlySet<Unit> = new Set<Unit>(['days', 'celsius', 'dbm', 'ppm']);

/** Values that a figure may have, by its unit: shares are 0 to 100, times, rates, sizes and counts are not negative. */
export function rangeOf(figure: SampleDescriptor | MetricDescriptor): FigureRange {
  const { unit, signed } = figure;
  if (signed === true) return ANY;
  if (unit === null) return 'kind' in figure && figure.kind === 'integer' ? FROM_ZERO : ANY;
  if (unit === 'pct') return SHARE;
  return SIGNED_UNITS.has(unit) ? ANY : FROM_ZERO;
}

/** What is wrong with a figure, after its name; null when nothing is. */
export function rangeFault({ least, most }: FigureRange, value: number): string | null {
  if (value >= least && value <= most) return null;
  return value < least && least === 0 ? 'must be 0 or more' : `must be ${least} to ${most}`;
}
