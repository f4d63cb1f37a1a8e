import { serverNow } from '../time/server-time.ts';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import type { MetricDescriptor } from '@netsonde/probes/catalog';
import { type KeyboardEvent, useEffect, useEffectEvent, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { alignLines } from './align.ts';
import type { ChartLine } from './chart-line.ts';
import { lineStyle } from './palette.ts';
import { plotOptions } from './plot-options.ts';
import { endOf, startOf, type TimeWindow } from './stretch.ts';
import classes from './time-chart.module.css';

interface Props {
  readonly metric: MetricDescriptor;
  readonly lines: readonly ChartLine[];
  /** Index of each line in the palette, so that a hidden line keeps its colour. */
  readonly places: readonly number[];
  readonly stretch: TimeWindow;
  readonly height?: number;
  /** Charts with the same key share their crosshair. */
  readonly syncKey: string;
  readonly label: string;
  readonly onCursor: (atMs: number | null) => void;
}

const HEIGHT = 200;
const SLIDE_MS = 1000;

/** Lines over time, with a crosshair for mouse and arrow keys. */
export function TimeChart({ metric, lines, places, stretch, height = HEIGHT, syncKey, label, onCursor }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const data = useMemo(() => alignLines(lines) as unknown as uPlot.AlignedData, [lines]);
  const shape = `${metric.id} ${places.join()}`;
  const cursorMoved = useEffectEvent(onCursor);
  const draw = useEffectEvent(() => {
    const current = plot.current;
    if (current === null) return;
    current.setData(data, false);
    const now = serverNow();
    current.setScale('x', { min: startOf(stretch, now) / 1000, max: endOf(stretch, now) / 1000 });
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart is created again only when its lines or colours change
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const styles = places.map((place) => lineStyle(place, scheme));
    const options = plotOptions({
      metric,
      styles,
      width: element.clientWidth,
      height,
      syncKey,
      colours: coloursOf(element),
      onCursor: (at) => cursorMoved(at),
    });
    plot.current = new uPlot(options, data, element);
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const slide = setInterval(draw, SLIDE_MS);
    return () => {
      clearInterval(slide);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, scheme, height, syncKey]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: draws new data
  useEffect(draw, [data, stretch.lengthMs, stretch.endMs]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a chart that keys move through is a group, not a fieldset
    <div
      ref={host}
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move its crosshair
      tabIndex={0}
      aria-label={`${label}. Arrow keys move through time; the figures are in the table below.`}
      className={classes.chart}
      style={{ height }}
      onKeyDown={(event) => moveCursor(event, plot.current)}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
    />
  );
}

function coloursOf(element: Element) {
  const style = getComputedStyle(element);
  return {
    text: style.getPropertyValue('--ns-muted'),
    grid: style.getPropertyValue('--ns-grid'),
    surface: style.getPropertyValue('--ns-surface'),
  };
}

/** Left and right move by a point, Home and End to the first and last. */
function moveCursor(event: KeyboardEvent, plot: uPlot | null): void {
  if (plot === null) return;
  const times = plot.data[0];
  const now = plot.cursor.left === undefined || plot.cursor.left < 0 ? null : (plot.cursor.idx ?? null);
  const last = times.length - 1;
  const next = nextIndex(event.key, now, last);
  if (next === null || last < 0) return;
  event.preventDefault();
  const at = times[Math.max(0, Math.min(last, next))] ?? 0;
  plot.setCursor({ left: plot.valToPos(at, 'x'), top: plot.bbox.height / devicePixelRatio / 2 });
}

function nextIndex(key: string, now: number | null, last: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return now === null ? last : now - 1;
    case 'ArrowRight':
      return now === null ? last : now + 1;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
