import type { ChartLine } from './chart-line.ts';

/** Figures of a line's points; null where there are none. */
export interface LineFigures {
  readonly latest: number | null;
  readonly min: number | null;
  /** Mean of the points shown. */
  readonly mean: number | null;
  readonly max: number | null;
  /** Points with a value. */
  readonly measured: number;
  /** Runs (or stretches of time) in which the metric was absent. */
  readonly absent: number;
}

/** Figures of one line; extremes are those of the single results where points are means. */
export function lineFigures({ value, min, max, absent }: ChartLine): LineFigures {
  const values = present(value);
  const lows = present(min ?? value);
  const highs = present(max ?? value);
  return {
    latest: value.at(-1) ?? null,
    min: lows.length === 0 ? null : lows.reduce((a, b) => Math.min(a, b)),
    mean: values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length,
    max: highs.length === 0 ? null : highs.reduce((a, b) => Math.max(a, b)),
    measured: values.length,
    absent: Object.values(absent).reduce((a, b) => a + b, 0),
  };
}

/** The value at the last point not after `atMs`, if that is at most two steps before; otherwise null. */
export function valueAt({ at, value, stepMs }: ChartLine, atMs: number): number | null {
  let place = at.length - 1;
  while (place >= 0 && (at[place] ?? 0) > atMs + 0.5) place -= 1;
  const found = at[place];
  return found === undefined || atMs - found > 2 * stepMs ? null : (value[place] ?? null);
}

const present = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
