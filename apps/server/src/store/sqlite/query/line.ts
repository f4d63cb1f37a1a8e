import { sketchPercentile } from '@netsonde/metrics';
import type { Verdict } from '@netsonde/probes/catalog';
import type { SeriesLine } from '../../result-store.ts';
import type { ColumnSummary } from '../codec/metric-column.ts';
import { verdictOf } from '../codec/row.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import { LEVELS, type Level } from '../rollup/levels.ts';
import { addTally, addValue, newTally, type Tally } from '../rollup/tally.ts';

/** Severity order for the verdict of a bucket, by code: up, degraded, down, unknown. */
const WEIGHT = [0, 2, 3, 1];

interface Point {
  readonly tally: Tally;
  verdict: number;
}

/** How a line's points are made: one per result (width null), or one per bucket of that width. */
export interface Grid {
  readonly bucketMs: number | null;
  /** Level that the points are made from. 0: the results themselves. */
  readonly level: Level | 0;
  /** Percentiles to compute per bucket. */
  readonly percentiles: readonly number[];
}

export const LEVEL_NAMES = { 0: 'raw', 1: '5min', 2: '1h', 3: '1d' } as const;

/** Collects one line of a chart, from values in any time order. */
export class LineBuilder {
  readonly #series: SeriesRow;
  readonly #instance: string;
  readonly #grid: Grid;
  readonly #points: { at: number; value: number | null; verdict: number }[] = [];
  readonly #buckets = new Map<number, Point>();
  readonly #absent: Record<string, number> = {};
  #coarsest: Level | 0;

  constructor(series: SeriesRow, instance: string, grid: Grid) {
    this.#series = series;
    this.#instance = instance;
    this.#grid = grid;
    this.#coarsest = grid.level;
  }

  /** One value of one result, or its absence. */
  add(at: number, value: number | null, verdict: number, reason?: string): void {
    if (reason !== undefined) this.#countAbsent(reason, 1);
    if (this.#grid.bucketMs === null) {
      this.#points.push({ at, value, verdict });
      return;
    }
    const point = this.#pointAt(at, verdict);
    if (value !== null) addValue(point.tally, value);
  }

  /** All values of a block that lies in one bucket. */
  addSummary(at: number, summary: ColumnSummary, verdict: number): void {
    addTally(this.#pointAt(at, verdict).tally, { ...newTally(false), ...summary });
  }

  /** A bucket of a rollup. */
  addBucket(at: number, tally: Tally, verdicts: readonly number[], level: Level): void {
    verdicts.forEach((runs, code) => {
      if (runs > 0) this.#pointAt(at, code);
    });
    addTally(this.#pointAt(at, verdictOfFirst(verdicts)).tally, tally);
    for (const [reason, times] of tally.absent) this.#countAbsent(reason, times);
    this.#coarsest = LEVELS.find((one) => one === Math.max(level, this.#coarsest)) ?? level;
  }

  build(): SeriesLine {
    const { agent, check, target } = this.#series;
    const head = { agent, check, target, instance: this.#instance, absent: this.#absent };
    return this.#grid.bucketMs === null ? { ...head, ...this.#eachResult() } : { ...head, ...this.#eachBucket() };
  }

  #eachResult(): Pick<SeriesLine, 'at' | 'value' | 'verdict'> {
    const points = this.#points.sort((a, b) => a.at - b.at);
    return {
      at: points.map(({ at }) => at),
      value: points.map(({ value }) => value),
      verdict: points.map(asVerdict),
    };
  }

  #eachBucket(): Omit<SeriesLine, 'agent' | 'check' | 'target' | 'instance' | 'absent'> {
    const buckets = [...this.#buckets].sort(([a], [b]) => a - b);
    const of = (pick: (tally: Tally) => number | null | undefined) =>
      buckets.map(([, { tally }]) => (tally.count === 0 ? null : (pick(tally) ?? null)));
    const { percentiles, level } = this.#grid;
    return {
      at: buckets.map(([at]) => at),
      value: of(({ sum, count }) => sum / count),
      min: of(({ min }) => min),
      max: of(({ max }) => max),
      verdict: buckets.map(([, point]) => asVerdict(point)),
      ...(this.#coarsest > level ? { level: LEVEL_NAMES[this.#coarsest] } : {}),
      ...(percentiles.length === 0
        ? {}
        : {
            percentiles: percentiles.map((percentile) => ({
              percentile,
              value: of(({ sketch }) => (sketch === null ? null : sketchPercentile(sketch, percentile))),
            })),
          }),
    };
  }

  #countAbsent(reason: string, times: number): void {
    this.#absent[reason] = (this.#absent[reason] ?? 0) + times;
  }

  #pointAt(at: number, verdict: number): Point {
    const width = this.#grid.bucketMs ?? 1;
    const start = Math.floor(at / width) * width;
    let point = this.#buckets.get(start);
    if (point === undefined) {
      point = { tally: newTally(this.#grid.percentiles.length > 0), verdict };
      this.#buckets.set(start, point);
    } else if ((WEIGHT[verdict] ?? 0) > (WEIGHT[point.verdict] ?? 0)) point.verdict = verdict;
    return point;
  }
}

/** Code of any verdict that occurs. */
const verdictOfFirst = (verdicts: readonly number[]): number => verdicts.findIndex((runs) => runs > 0);

const asVerdict = ({ verdict }: { verdict: number }): Verdict => verdictOf(verdict);
