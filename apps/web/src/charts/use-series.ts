import type { SeriesLevel, SeriesPoints } from '@netsonde/protocol/api';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { readSeries } from '../api/tests.ts';
import { useLiveResults } from '../api/use-live-results.ts';
import { queryClient } from '../app/query-client.ts';
import { serverNow } from '../time/server-time.ts';
import type { ChartLine } from './chart-line.ts';
import { longestStep } from './gaps.ts';
import { appendResults } from './live-series.ts';
import { originOf, type SeriesOrigin } from './series-notes.ts';
import { endOf, startOf, type TimeWindow } from './stretch.ts';

/** One metric of one check. */
export interface SeriesQuestion {
  readonly test: number;
  readonly check: number;
  readonly metric: string;
  readonly agent?: number | undefined;
  readonly target?: number | undefined;
  /** Time between two runs, ms. */
  readonly intervalMs: number;
  /** The common part of its lines, where a chart has lines of several checks. */
  readonly group?: string;
  /** How long before the window the lines begin, ms; absent: with the window. */
  readonly leadMs?: number;
}

export interface SeriesAnswer {
  /** Empty until every question is answered, so that a line keeps its index and colour. */
  readonly lines: readonly ChartLine[];
  /** Whether lines are of several groups: known before the lines are. */
  readonly grouped: boolean;
  /** Width of the widest bucket, ms; null: each point is a stored result. */
  readonly bucketMs: number | null;
  /** For each answer: the source of its points, and what is missing. */
  readonly origins: readonly SeriesOrigin[];
  readonly pending: boolean;
  readonly error: unknown;
}

const POINTS = 1200;
const RAW_REFRESH_MS = 60_000;
const FASTEST_REFRESH_MS = 5000;

/** The lines that answer the questions. The live stream keeps them up to date. */
export function useSeries(questions: readonly SeriesQuestion[], stretch: TimeWindow): SeriesAnswer {
  const answers = useQueries({ queries: questions.map((question) => seriesQuery(question, stretch)) });
  useLiveResults((results, omitted) => {
    for (const question of questions) {
      if (!results.some(({ check }) => check === question.check)) continue;
      queryClient.setQueryData<SeriesPoints>(keyOf(question, stretch), (series) =>
        series === undefined || series.bucketMs !== null
          ? series
          : appendResults(
              series,
              results.filter((result) => fits(question, result)),
              {
                check: question.check,
                metric: question.metric,
                fromMs: firstOf(question, stretch, serverNow()),
              },
            ),
      );
    }
    if (omitted > 0) void queryClient.invalidateQueries({ queryKey: ['series'] });
  });
  const pending = answers.some(({ isPending }) => isPending);
  return {
    lines: answers.flatMap(({ data }, place) => {
      const question = questions[place];
      return pending || data === undefined || question === undefined ? [] : linesOf(data, question);
    }),
    grouped: questions.some(({ group }) => group !== undefined),
    bucketMs: answers.reduce<number | null>((widest, { data }) => coarserOf(widest, data?.bucketMs ?? null), null),
    origins: answers.flatMap(({ data }) => (data === undefined ? [] : [originOf(data)])),
    pending,
    error: answers.find(({ error }) => error !== null)?.error ?? null,
  };
}

const keyOf = ({ test, check, metric, agent, target, leadMs }: SeriesQuestion, { lengthMs, endMs }: TimeWindow) =>
  ['series', test, check, metric, agent ?? null, target ?? null, lengthMs, endMs, leadMs ?? 0] as const;

/** Epoch ms from which the lines have points. */
const firstOf = ({ leadMs = 0 }: SeriesQuestion, stretch: TimeWindow, now: number): number =>
  startOf(stretch, now) - leadMs;

function seriesQuery(question: SeriesQuestion, stretch: TimeWindow) {
  const { test, check, metric, agent, target } = question;
  return {
    queryKey: keyOf(question, stretch),
    queryFn: ({ signal }: { signal: AbortSignal }) => {
      const now = serverNow();
      const from = new Date(firstOf(question, stretch, now)).toISOString();
      const to = new Date(endOf(stretch, now) + 1000).toISOString();
      return readSeries(test, { check, metric, agent, target, from, to, points: POINTS }, signal);
    },
    refetchInterval: ({ state }: { state: { data?: SeriesPoints | undefined } }) =>
      state.data?.bucketMs == null ? RAW_REFRESH_MS : Math.max(FASTEST_REFRESH_MS, state.data.bucketMs),
    placeholderData: keepPreviousData,
  };
}

const fits = (
  { agent, target }: SeriesQuestion,
  result: { readonly agent: number; readonly target: number },
): boolean => (agent === undefined || agent === result.agent) && (target === undefined || target === result.target);

function linesOf(series: SeriesPoints, { check, intervalMs, group }: SeriesQuestion): readonly ChartLine[] {
  return series.lines.toSorted(byTargetThenAgent).map((line) => ({
    ...line,
    key: `${check}/${line.agent}/${line.target}/${line.instance}`,
    label: [`${line.agentName} → ${line.address}`, line.instance].filter(Boolean).join(' · '),
    group,
    stepMs: longestStep(intervalMs, coarserOf(series.bucketMs, LEVEL_MS[line.level ?? 'raw'])),
  }));
}

/** Bucket widths of the levels that a single line may use in place of the answer's, ms; null: results. */
const LEVEL_MS: Readonly<Record<SeriesLevel, number | null>> = {
  raw: null,
  '5min': 300_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
};

/** The same order in each chart, so that a line has the same colour in all of them. */
const byTargetThenAgent = (a: SeriesPoints['lines'][number], b: SeriesPoints['lines'][number]): number =>
  a.address.localeCompare(b.address, undefined, { numeric: true }) ||
  a.agentName.localeCompare(b.agentName, undefined, { numeric: true }) ||
  a.instance.localeCompare(b.instance, undefined, { numeric: true });

const coarserOf = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);
