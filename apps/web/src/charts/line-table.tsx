import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { CSSProperties } from 'react';
import { Hint } from '../components/hint.tsx';
import { metricText } from '../components/metric-text.ts';
import { clockTime } from '../components/time-words.ts';
import { absenceWords } from '../components/verdict-words.ts';
import { serverNow } from '../time/server-time.ts';
import type { ChartLine } from './chart-line.ts';
import { lineFigures, valueAt } from './line-figures.ts';
import { LineName, useLineNames } from './line-name.tsx';
import { LineSwatch } from './line-swatch.tsx';
import classes from './line-table.module.css';

interface Props {
  readonly metric: MetricDescriptor;
  readonly lines: readonly ChartLine[];
  readonly hidden: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
  /** Whether rows also name their group. */
  readonly grouped: boolean;
  /** Expected rows. The table reserves space for them, and scrolls where there are more. */
  readonly rows: number;
  /** Time under the crosshair, epoch ms. */
  readonly cursorMs: number | null;
}

/** Instances are not known before their results: the table reserves space for at least two rows. */
const LEAST_ROWS = 2;

/** A chart's legend with its figures as text: one row per line. */
export function LineTable({ metric, lines, grouped, hidden, toggle, rows, cursorMs }: Props) {
  const nameOf = useLineNames(lines);
  const text = (value: number | null) => (value === null ? '–' : metricText(metric, value));
  return (
    <div
      className={classes.scroll}
      data-grouped={grouped}
      style={{ '--rows': Math.max(rows, LEAST_ROWS) } as CSSProperties}
    >
      <table className={classes.table}>
        <caption className="visually-hidden">{metric.label} per agent and target</caption>
        <thead>
          <tr>
            <th scope="col">Agent → target</th>
            <th scope="col" className={classes.cursor}>
              {cursorMs === null ? 'Latest' : clockTime(cursorMs, serverNow())}
            </th>
            <th scope="col">Min</th>
            <th scope="col">Mean</th>
            <th scope="col">Max</th>
            <th scope="col">Absent</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, place) => {
            const figures = lineFigures(line);
            const shown = !hidden.has(line.key);
            return (
              <tr key={line.key} data-hidden={!shown}>
                <th scope="row">
                  <button
                    type="button"
                    aria-pressed={shown}
                    onClick={() => toggle(line.key)}
                    title={`${[line.group, line.label].filter(Boolean).join(': ')} (show or hide this line)`}
                  >
                    <LineSwatch place={place} faded={!shown} />
                    <span>
                      {line.group !== undefined && <span className={classes.group}>{line.group}</span>}
                      <LineName {...nameOf(line)} />
                    </span>
                  </button>
                </th>
                <td>{text(cursorMs === null ? figures.latest : valueAt(line, cursorMs))}</td>
                <td>{text(figures.min)}</td>
                <td>{text(figures.mean)}</td>
                <td>{text(figures.max)}</td>
                <td>
                  <Hint text={absencesInWords(line)}>{figures.absent === 0 ? '0' : `${figures.absent}×`}</Hint>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const absencesInWords = ({ absent }: ChartLine): string =>
  Object.entries(absent)
    .map(([reason, count]) => `${count}× ${absenceWords(reason)}`)
    .join(', ');
