import type { ChartLine } from './chart-line.ts';
import { GAP_STEPS } from './gaps.ts';

/** Times in s, then one column per line: a number, null for a gap, undefined where the line has no point at that time. */
export type AlignedTable = readonly [number[], ...(number | null | undefined)[][]];

/** All lines over one time axis. Where a result is missing or the metric absent there is a gap, never a straight line across. */
export function alignLines(lines: readonly ChartLine[]): AlignedTable {
  const withGaps = lines.map(pointsWithGaps);
  const times = [...new Set(withGaps.flatMap((points) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const index = new Map(times.map((at, place) => [at, place]));
  const columns = withGaps.map((points) => {
    const column = new Array<number | null | undefined>(times.length).fill(undefined);
    for (const [at, value] of points) column[index.get(at) ?? 0] = value;
    return column;
  });
  return [times.map((at) => at / 1000), ...columns];
}

type PlotPoint = readonly [at: number, value: number | null];

function pointsWithGaps({ at, value, stepMs }: ChartLine): readonly PlotPoint[] {
  const points: PlotPoint[] = [];
  let before = Number.POSITIVE_INFINITY;
  at.forEach((instant, place) => {
    if (instant - before > GAP_STEPS * stepMs) points.push([before + stepMs, null]);
    points.push([instant, value[place] ?? null]);
    before = instant;
  });
  return points;
}
