import type { MetricValue } from '@netsonde/probes/catalog';
import type { Result, SeriesPoints } from '@netsonde/protocol/api';

type Line = SeriesPoints['lines'][number];

interface Appending {
  readonly check: number;
  readonly metric: string;
  /** Epoch ms: points before it are removed from the chart. */
  readonly fromMs: number;
}

/** A point that one result adds to the line of one instance ("" for the run itself). */
interface Point {
  readonly instance: string;
  readonly value: number | null;
  readonly reason: string | undefined;
}

/**
 * Returns a series with the points of newly committed results. Results of other checks, and known instants, change
 * nothing. Late results are inserted at their time. Only for series whose points are single results.
 */
export function appendResults(
  series: SeriesPoints,
  results: readonly Result[],
  { check, metric, fromMs }: Appending,
): SeriesPoints {
  const lines = new Map(series.lines.map((line) => [keyOf(line), line]));
  let changed = false;
  for (const result of results) {
    if (result.check !== check) continue;
    for (const point of pointsOf(result, metric)) {
      const key = keyOf({ ...result, instance: point.instance });
      const before = lines.get(key) ?? emptyLine(result, point.instance);
      const after = insert(before, result, point);
      if (after === before) continue;
      lines.set(key, after);
      changed = true;
    }
  }
  return changed ? { ...series, lines: [...lines.values()].map((line) => since(line, fromMs)) } : series;
}

const keyOf = ({ agent, target, instance }: Pick<Line, 'agent' | 'target' | 'instance'>): string =>
  `${agent}/${target}/${instance}`;

function emptyLine({ agent, agentName, target, address }: Result, instance: string): Line {
  return { agent, agentName, target, address, instance, at: [], value: [], verdict: [], absent: {} };
}

function pointsOf(result: Result, metric: string): readonly Point[] {
  const own = pointOf('', metric, result);
  const inner = (result.instances ?? []).map((instance) => pointOf(instance.key, metric, instance));
  return [own, ...inner].filter((point) => point !== null);
}

type Measured = Pick<Result, 'metrics' | 'absent'>;

function pointOf(instance: string, metric: string, { metrics, absent }: Measured): Point | null {
  const value = metrics[metric];
  if (value !== undefined) return { instance, value: numberOf(value), reason: undefined };
  const reason = absent[metric];
  return reason === undefined ? null : { instance, value: null, reason };
}

const numberOf = (value: MetricValue): number | null =>
  typeof value === 'string' ? null : typeof value === 'boolean' ? Number(value) : value;

function insert(line: Line, result: Result, { value, reason }: Point): Line {
  const at = Date.parse(result.at);
  const place = placeFor(line.at, at);
  if (line.at[place - 1] === at) return line;
  return {
    ...line,
    at: line.at.toSpliced(place, 0, at),
    value: line.value.toSpliced(place, 0, value),
    verdict: line.verdict.toSpliced(place, 0, result.verdict),
    absent: reason === undefined ? line.absent : { ...line.absent, [reason]: (line.absent[reason] ?? 0) + 1 },
  };
}

/** Index after the last instant that is not later than `at`; new points are nearly always last. */
function placeFor(instants: readonly number[], at: number): number {
  let place = instants.length;
  while (place > 0 && (instants[place - 1] ?? 0) > at) place -= 1;
  return place;
}

function since(line: Line, fromMs: number): Line {
  const first = line.at.findIndex((at) => at >= fromMs);
  if (first <= 0) return line;
  return {
    ...line,
    at: line.at.slice(first),
    value: line.value.slice(first),
    verdict: line.verdict.slice(first),
    ...(line.min === undefined ? {} : { min: line.min.slice(first) }),
    ...(line.max === undefined ? {} : { max: line.max.slice(first) }),
  };
}
