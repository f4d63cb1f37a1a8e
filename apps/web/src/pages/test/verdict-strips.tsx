import type { MetricDescriptor } from '@netsonde/probes/catalog';
import { NOT_HEARD, type Test } from '@netsonde/protocol/api';
import type { CSSProperties } from 'react';
import type { ChartLine } from '../../charts/chart-line.ts';
import { GAP_STEPS } from '../../charts/gaps.ts';
import { LineName, useLineNames } from '../../charts/line-name.tsx';
import { type LineVerdict, lineVerdict } from '../../charts/line-verdict.ts';
import { endOf, startOf } from '../../charts/stretch.ts';
import type { VerdictHistory } from '../../charts/strip-buckets.ts';
import { useSeries } from '../../charts/use-series.ts';
import { VerdictStrip } from '../../charts/verdict-strip.tsx';
import { Hint } from '../../components/hint.tsx';
import { useNow } from '../../components/use-now.ts';
import { VerdictMark } from '../../components/verdict-mark.tsx';
import { causeWords } from '../../components/verdict-words.ts';
import classes from './test-page.module.css';
import { expectedLines, type View } from './view.ts';

interface Props {
  readonly test: Test;
  readonly check: Test['checks'][number];
  /** Any metric of the check: each result includes its verdict. */
  readonly metric: MetricDescriptor | undefined;
  readonly intervalMs: number;
  readonly view: View;
}

const MOST_STRIPS = 24;

/** The verdicts of each agent and target over the window, with the latest as a word. */
export function VerdictStrips({ test, check, metric, intervalMs, view }: Props) {
  const { stretch, agent, target } = view;
  const now = useNow();
  const question = { test: test.id, check: check.id, intervalMs, agent, target };
  // A result before the window may hold into it.
  const leadMs = GAP_STEPS * intervalMs;
  const questions = metric === undefined ? [] : [{ ...question, metric: metric.id, leadMs }];
  const series = useSeries(questions, stretch);
  const lines = series.lines.filter(({ instance }) => instance === '').slice(0, MOST_STRIPS);
  const nameOf = useLineNames(lines);
  const rows = Math.min(MOST_STRIPS, Math.max(lines.length, expectedLines(test, view)));
  return (
    <div className={classes.strips} style={{ '--rows': rows } as CSSProperties}>
      {lines.map((line) => {
        const { key, label } = line;
        const current = lineVerdict(line, series.bucketMs, endOf(stretch, now));
        return (
          <div key={key}>
            <span title={label}>
              <LineName {...nameOf(line)} />
            </span>
            <VerdictStrip
              history={historyOf(line, current, intervalMs, series.bucketMs, endOf(stretch, now))}
              fromMs={startOf(stretch, now)}
              toMs={endOf(stretch, now)}
              notHeardSinceMs={current.notHeardSinceMs}
            />
            <Current {...current} />
          </div>
        );
      })}
    </div>
  );
}

function historyOf(
  { at, verdict, stepMs, notHeardAfterMs }: ChartLine,
  { notHeardSinceMs }: LineVerdict,
  intervalMs: number,
  bucketMs: number | null,
  nowMs: number,
): VerdictHistory {
  return {
    at,
    verdict,
    stepMs,
    holdMs: Math.max(intervalMs, bucketMs ?? 0),
    newestHoldsUntilMs: notHeardAfterMs === undefined ? undefined : (notHeardSinceMs ?? nowMs),
  };
}

function Current({ verdict, notHeardSinceMs }: LineVerdict) {
  if (verdict === null) return <span className="muted">none yet</span>;
  return (
    <Hint text={notHeardSinceMs === null ? '' : causeWords(NOT_HEARD.cause)}>
      <VerdictMark verdict={verdict} />
    </Hint>
  );
}
