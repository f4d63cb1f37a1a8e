import { NativeSelect } from '@mantine/core';
import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { Test } from '@netsonde/protocol/api';
import { type CSSProperties, useState } from 'react';
import { stretchWords } from '../../charts/stretch.ts';
import { useSeries } from '../../charts/use-series.ts';
import { metricText } from '../../components/metric-text.ts';
import { comparisonOf } from './compare.ts';
import classes from './comparison.module.css';
import type { View } from './view.ts';

interface Props {
  readonly test: Test;
  readonly check: Test['checks'][number];
  readonly metrics: readonly MetricDescriptor[];
  /** Compared until the user chooses another one. */
  readonly first: MetricDescriptor | undefined;
  readonly intervalMs: number;
  readonly view: View;
}

/**
 * The same metric of the same targets, side by side for each agent: the mean over the window. Shown only where there
 * are several agents.
 */
export function Comparison({ test, check, metrics, first, intervalMs, view: { stretch, target } }: Props) {
  const [chosen, setChosen] = useState<string>();
  const metric = metrics.find(({ id }) => id === chosen) ?? first;
  const questions =
    metric === undefined ? [] : [{ test: test.id, check: check.id, metric: metric.id, intervalMs, target }];
  const { agents, rows, largest } = comparisonOf(useSeries(questions, stretch).lines);
  // Before the first figures: the agents that run it, so that the table already has its final size.
  const all = agents.length > 0 ? agents : test.assigned.map(({ name }) => name);
  const columns = all.slice(0, MOST_AGENTS);
  if (metric === undefined || Math.max(agents.length, test.assigned.length) < 2) return null;
  return (
    <div className={classes.comparison}>
      <div className="row row-between">
        <div>
          <h3>Agents compared</h3>
          <p className="muted small">
            Mean over {stretchWords(stretch)}
            {all.length > MOST_AGENTS && `; the first ${MOST_AGENTS} of ${all.length} agents`}
          </p>
        </div>
        <NativeSelect
          size="xs"
          aria-label="Metric to compare"
          value={metric.id}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={metrics.map(({ id, label }) => ({ value: id, label }))}
        />
      </div>
      <div className={classes.scroll} style={{ '--rows': Math.min(targets(test, target), MOST_ROWS) } as CSSProperties}>
        <table className={classes.table}>
          <caption className="visually-hidden">{metric.label}, per target and agent</caption>
          <thead>
            <tr>
              <th scope="col">Target</th>
              {columns.map((agent) => (
                <th key={agent} scope="col">
                  {agent}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map(({ target: name, means }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {means.slice(0, MOST_AGENTS).map((mean, place) => (
                  <td key={agents[place]}>
                    {mean === null ? <span className="muted">absent</span> : metricText(metric, mean)}
                    <span className={classes.track} aria-hidden="true">
                      <span style={{ width: `${shareOf(mean, largest) * 100}%` }} />
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const MOST_ROWS = 100;
/** At most this many columns can be compared at a glance. */
const MOST_AGENTS = 12;

const targets = (test: Test, chosen: number | undefined): number => (chosen === undefined ? test.targets.length : 1);

const shareOf = (mean: number | null, largest: number): number =>
  mean === null || largest === 0 ? 0 : Math.abs(mean) / largest;
