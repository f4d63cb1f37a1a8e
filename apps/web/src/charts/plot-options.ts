import { formatValue } from '@netsonde/metrics';
import { type MetricDescriptor, valueText } from '@netsonde/probes/catalog';
import type uPlot from 'uplot';
import { niceSplits, scaledTexts } from './axis-text.ts';
import { lonelyIn } from './gaps.ts';
import type { LineStyle } from './palette.ts';
import { textWidth } from './text-width.ts';
import { timeTexts } from './time-axis.ts';

export interface PlotColours {
  readonly text: string;
  readonly grid: string;
  readonly surface: string;
}

interface Plan {
  readonly metric: MetricDescriptor;
  readonly styles: readonly LineStyle[];
  readonly width: number;
  readonly height: number;
  readonly syncKey: string;
  readonly colours: PlotColours;
  /** Called with the time under the crosshair, epoch ms; null when it leaves. */
  readonly onCursor: (atMs: number | null) => void;
}

/** Half of the widest time on the axis, px: the last one is not cut off. */
const LAST_TIME_HALF = 26;
const FONT = '12px ui-sans-serif, system-ui, sans-serif';

/** The options for a metric's lines: the axis starts at zero where zero is meaningful, and has the metric's unit. */
export function plotOptions({ metric, styles, width, height, syncKey, colours, onCursor }: Plan): uPlot.Options {
  return {
    width,
    height,
    ms: 1e-3,
    legend: { show: false },
    padding: [10, LAST_TIME_HALF, 0, 0],
    cursor: {
      sync: { key: syncKey, scales: ['x', null] },
      drag: { x: false, y: false },
      points: { size: 7, width: 2, fill: colours.surface },
      focus: { prox: 30 },
    },
    focus: { alpha: 0.35 },
    scales: { x: { time: true, auto: false }, y: { range: (_plot, low, high) => valueRange(metric, low, high) } },
    axes: [
      {
        stroke: colours.text,
        font: FONT,
        size: 32,
        grid: { stroke: colours.grid, width: 1 },
        ticks: { show: false },
        space: 70,
        values: (_plot, splits, _axis, _space, stepSeconds) => timeTexts(splits, stepSeconds),
      },
      {
        stroke: colours.text,
        font: FONT,
        size: (_plot, texts) => axisWidth(texts),
        grid: { stroke: colours.grid, width: 1 },
        ticks: { show: false },
        splits: (_plot, _axis, low, high) =>
          niceSplits(low, high, metric.exact === true ? undefined : (metric.unit ?? undefined)),
        values: (_plot, splits) => axisTexts(metric, splits),
      },
    ],
    series: [
      {},
      ...styles.map(({ colour, dash }) => ({
        stroke: colour,
        width: 1.75,
        dash: [...dash],
        spanGaps: false,
        points: { show: pointsWhereSparse, filter: lonelyPoints, size: 5, fill: colour },
      })),
    ],
    hooks: { setCursor: [(plot) => onCursor(cursorTime(plot))] },
  };
}

function cursorTime(plot: uPlot): number | null {
  const { left, idx } = plot.cursor;
  if (left === undefined || left < 0 || idx === null || idx === undefined) return null;
  const seconds = plot.data[0][idx];
  return seconds === undefined ? null : seconds * 1000;
}

const SPARSE_POINTS = 40;
const pointsWhereSparse = (plot: uPlot): boolean => plot.data[0].length <= SPARSE_POINTS;

/** Indexes of points between two gaps: without their own mark they would be invisible. null: all points have one. */
function lonelyPoints(plot: uPlot, series: number, show: boolean): number[] | null {
  return show ? null : lonelyIn(plot.data[series] ?? []);
}

/** Space between the widest label of the value axis and the edges of its column, px. */
const LABEL_MARGIN = 14;
const LEAST_AXIS_WIDTH = 44;

const axisWidth = (texts: readonly string[] | null): number =>
  Math.max(LEAST_AXIS_WIDTH, LABEL_MARGIN + Math.max(0, ...(texts ?? []).map((text) => textWidth(text, FONT))));

/** Changes of less than this share of a value are not visible: a steady line stays steady. */
const LEAST_SPAN = 0.02;

/**
 * The range starts at zero for values that cannot be below it, and ends at the whole for shares. A steady line has
 * space on both sides.
 */
function valueRange(metric: MetricDescriptor, low: number | null, high: number | null): [number, number] {
  if (metric.kind === 'boolean') return [-0.1, 1.1];
  if (low === null || high === null) return [0, metric.unit === 'pct' ? 100 : 1];
  if (metric.unit === 'pct' && low >= 0 && high <= 100) return [0, high === 0 ? 5 : Math.min(102, high * 1.12)];
  if (low >= 0 && low <= high * 0.75) return [0, high * 1.12 || 1];
  const middle = (low + high) / 2;
  const half = Math.max((high - low) / 2, Math.abs(middle) * LEAST_SPAN) * 1.2;
  return [middle - half, middle + half];
}

function axisTexts(metric: MetricDescriptor, splits: readonly number[]): string[] {
  if (metric.kind === 'boolean') return splits.map((split) => (split === 1 ? 'yes' : split === 0 ? 'no' : ''));
  if (metric.kind === 'integer' && metric.unit === null)
    return splits.map((split) => (Number.isInteger(split) ? (metric.codes?.[split] ?? formatValue(split)) : ''));
  if (metric.exact === true) return splits.map((split) => valueText(metric, split));
  return scaledTexts(splits, metric.unit ?? undefined);
}
