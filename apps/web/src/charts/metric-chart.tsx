import type { MetricDescriptor } from '@netsonde/probes/catalog';
import { type ReactNode, useMemo, useState } from 'react';
import { metricText } from '../components/metric-text.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { absenceWords } from '../components/verdict-words.ts';
import type { ChartLine } from './chart-line.ts';
import { valueAt } from './line-figures.ts';
import { LineTable } from './line-table.tsx';
import classes from './metric-chart.module.css';
import { chartFootnote } from './series-notes.ts';
import { stretchWords, type TimeWindow } from './stretch.ts';
import { TimeChart } from './time-chart.tsx';
import type { SeriesAnswer } from './use-series.ts';

interface Props {
  readonly metric: MetricDescriptor;
  readonly series: SeriesAnswer;
  readonly stretch: TimeWindow;
  readonly syncKey: string;
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  /** Expected lines. The table of lines reserves space for them from the start. */
  readonly expectedLines: number;
  /** Most lines drawn: more cannot be distinguished. */
  readonly mostLines?: number;
  /** Where the user finds the lines that are left out. */
  readonly elsewhere?: string;
  /** Replaces the metric's own description. */
  readonly note?: string;
}

const MOST_LINES = 24;

/** One metric over time with its lines, what is missing, and its figures as a table. */
export function MetricChart({
  metric,
  series,
  stretch,
  syncKey,
  title,
  actions,
  expectedLines,
  mostLines = MOST_LINES,
  elsewhere = 'choose an agent or a target',
  note = metric.description,
}: Props) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursorMs, setCursorMs] = useState<number | null>(null);
  const lines = useMemo(() => series.lines.slice(0, mostLines), [series.lines, mostLines]);
  const shown = useMemo(() => lines.filter(({ key }) => !hidden.has(key)), [lines, hidden]);
  const places = lines.flatMap(({ key }, place) => (hidden.has(key) ? [] : [place]));
  const toggle = (key: string) => setHidden((before) => toggled(before, key));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <div>
          <h3>{title ?? metric.label}</h3>
          <p className="muted small" title={note}>
            {note}
          </p>
        </div>
        {actions}
      </figcaption>
      {series.error !== null && <ProblemNotice error={series.error} />}
      <div className={classes.plot}>
        <TimeChart
          metric={metric}
          lines={shown}
          places={places}
          stretch={stretch}
          syncKey={syncKey}
          label={`${metric.label} over ${stretchWords(stretch)}`}
          onCursor={setCursorMs}
        />
        {!series.pending && !hasPoints(lines) && <p className={classes.none}>{whyEmpty(lines)}</p>}
      </div>
      <p className="visually-hidden" aria-live="polite">
        {cursorMs === null ? '' : cursorWords(metric, shown, cursorMs)}
      </p>
      <LineTable
        metric={metric}
        lines={lines}
        grouped={series.grouped}
        hidden={hidden}
        toggle={toggle}
        rows={Math.min(expectedLines, mostLines)}
        cursorMs={cursorMs}
      />
      <p className={`muted small ${classes.foot}`}>{chartFootnote(series, lines.length, elsewhere)}</p>
    </figure>
  );
}

function toggled(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(key)) after.add(key);
  return after;
}

const hasPoints = (lines: readonly ChartLine[]): boolean =>
  lines.some(({ value }) => value.some((point) => point !== null));

function whyEmpty(lines: readonly ChartLine[]): string {
  const reasons = [...new Set(lines.flatMap(({ absent }) => Object.keys(absent)))];
  return reasons.length === 0 ? 'No results in this window yet' : `Absent: ${reasons.map(absenceWords).join('; ')}`;
}

const cursorWords = (metric: MetricDescriptor, lines: readonly ChartLine[], atMs: number): string =>
  lines
    .map((line) => {
      const value = valueAt(line, atMs);
      return `${line.label}: ${value === null ? 'absent' : metricText(metric, value)}`;
    })
    .join('; ');
