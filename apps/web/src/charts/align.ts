import type { ChartLine } from './chart-line.ts';
import { GAP_STEPS } from './gaps.ts';

/** Times in s, then one column per line: a number, null in a gap, undefined where only other lines have a point. */
export type AlignedTable = readonly [number[], ...(number | null | undefined)[][]];

/**
 * All lines over one time axis. A line has a gap between two of its values if the metric was absent in a result between
 * them, or if two of its adjacent results are further apart than `GAP_STEPS` steps. A gap is null at every time of the
 * axis between these two values, also at those of other lines: the plot draws on as far as a time without a null.
 */
export function alignLines(lines: readonly ChartLine[]): AlignedTable {
  const withGaps = lines.map(pointsWithGaps);
  const times = [...new Set(withGaps.flatMap((points) => points.map(([at]) => at)))].sort((a, b) => a - b);
  return [times.map((at) => at / 1000), ...withGaps.map((points) => columnOf(points, times))];
}

type PlotPoint = readonly [at: number, value: number | null];

/** The line's points, with a null where results are missing. */
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

function columnOf(points: readonly PlotPoint[], times: readonly number[]): (number | null | undefined)[] {
  let next = 0;
  return times.map((time) => {
    const first = next;
    while ((points[next]?.[0] ?? Number.POSITIVE_INFINITY) <= time) next += 1;
    const latest = points[next - 1]?.[1];
    if (next > first) return latest;
    return latest === null || points[next]?.[1] === null ? null : undefined;
  });
}
