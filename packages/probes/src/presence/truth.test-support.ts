import type { MetricValue } from '../contract/metric.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { Stage } from './stage.test-support.ts';

/** A number that must lie within bounds, both included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** What a metric must be: this very value, or a number within a range. */
export type Expected = MetricValue | Range;

/** One run of a probe's own runner, and what the truth that was set makes of its metrics. */
export interface Shown {
  readonly outcome: Outcome;
  /** By metric; metrics that this truth says nothing about are left out. */
  readonly expects: Readonly<Record<string, Expected>>;
  /** For metrics of an instance: whose. */
  readonly instance?: string;
}

/** Something that is set in the kernel, in the lab or on a real server, and the run that has to find it. */
export interface Truth {
  /** What is set, and where. */
  readonly made: string;
  show(stage: Stage): Promise<Shown>;
}

/** Longest that a busy machine may hold up an event of the process, ms: truths of times lie further apart than this. */
const LEEWAY_MS = 2000;

/** A time of the process, ms, that holds the given one; a timer may fire up to 2 ms early by another clock. */
export const longerThan = (ms: number): Range => ({ least: ms - 2, most: ms + LEEWAY_MS });

/** A time of the process, ms, that ends as the given one does and begins when the process learns that it has begun. */
export const endingWith = (ms: number): Range => ({ least: Math.max(0, ms - LEEWAY_MS / 2), most: ms + LEEWAY_MS });

/** Within `by` of a figure on either side. */
export const near = (value: number, by: number): Range => ({ least: value - by, most: value + by });

export const isRange = (expected: Expected): expected is Range => typeof expected === 'object';

/** Whether a value is what it must be. */
export function isRight(value: MetricValue | undefined, expected: Expected): boolean {
  if (!isRange(expected)) return value === expected;
  return typeof value === 'number' && value >= expected.least && value <= expected.most;
}

/** Whether no value can be right for both: only then have two truths been shown. */
export function areApart(a: Expected, b: Expected): boolean {
  if (!isRange(a)) return !isRight(a, b);
  if (!isRange(b)) return !isRight(b, a);
  return a.most < b.least || b.most < a.least;
}

/** The metric of a run, or of the instance that it is about. */
export function metricOf({ outcome, instance }: Shown, id: string): MetricValue | undefined {
  return outcome.metrics[id] ?? outcome.instances?.find(({ key }) => key === instance)?.metrics[id];
}
