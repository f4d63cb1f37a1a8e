import type { Verdict } from '@netsonde/probes/catalog';
import type { SeriesLine } from '../../result-store.ts';
import { verdictOf } from '../codec/row.ts';
import type { Series } from './snapshot.ts';

/** Which of several verdicts a bucket shows: the one that most needs to be seen. By code: up, degraded, down, unknown. */
const WEIGHT = [0, 2, 3, 1];

interface Bucket {
  count: number;
  sum: number;
  min: number;
  max: number;
  verdict: number;
}

/** How a line's points are made: of each result (width null), or of all in a bucket of that width. */
export interface Grid {
  readonly bucketMs: number | null;
}

/** Gathers one line of a chart, in any order of time. */
export class LineBuilder {
  readonly #series: Series;
  readonly #instance: string;
  readonly #width: number | null;
  readonly #points: { at: number; value: number | null; verdict: number }[] = [];
  readonly #buckets = new Map<number, Bucket>();
  readonly #absent: Record<string, number> = {};

  constructor(series: Series, instance: string, { bucketMs }: Grid) {
    this.#series = series;
    this.#instance = instance;
    this.#width = bucketMs;
  }

  add(at: number, value: number | null, verdict: number, reason?: string): void {
    if (reason !== undefined) this.#absent[reason] = (this.#absent[reason] ?? 0) + 1;
    if (this.#width === null) this.#points.push({ at, value, verdict });
    else
      this.merge(at, {
        count: value === null ? 0 : 1,
        sum: value ?? 0,
        min: value ?? Number.POSITIVE_INFINITY,
        max: value ?? Number.NEGATIVE_INFINITY,
        verdict,
      });
  }

  /** Adds several values of one bucket, summed up already. */
  merge(at: number, { count, sum, min, max, verdict }: Bucket): void {
    const start = Math.floor(at / (this.#width ?? 1)) * (this.#width ?? 1);
    const bucket = this.#buckets.get(start);
    if (bucket === undefined) {
      this.#buckets.set(start, { count, sum, min, max, verdict });
      return;
    }
    bucket.count += count;
    bucket.sum += sum;
    bucket.min = Math.min(bucket.min, min);
    bucket.max = Math.max(bucket.max, max);
    if ((WEIGHT[verdict] ?? 0) > (WEIGHT[bucket.verdict] ?? 0)) bucket.verdict = verdict;
  }

  build(): SeriesLine {
    const { agent, check, target } = this.#series;
    const head = { agent, check, target, instance: this.#instance, absent: this.#absent };
    if (this.#width === null) {
      const points = this.#points.sort((a, b) => a.at - b.at);
      return {
        ...head,
        at: points.map(({ at }) => at),
        value: points.map(({ value }) => value),
        verdict: points.map(asVerdict),
      };
    }
    const buckets = [...this.#buckets].sort(([a], [b]) => a - b);
    const of = (pick: (bucket: Bucket) => number) =>
      buckets.map(([, bucket]) => (bucket.count === 0 ? null : pick(bucket)));
    return {
      ...head,
      at: buckets.map(([at]) => at),
      value: of(({ sum, count }) => sum / count),
      min: of(({ min }) => min),
      max: of(({ max }) => max),
      verdict: buckets.map(([, bucket]) => asVerdict(bucket)),
    };
  }
}

const asVerdict = ({ verdict }: { verdict: number }): Verdict => verdictOf(verdict);
