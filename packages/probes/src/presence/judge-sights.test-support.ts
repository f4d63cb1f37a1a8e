import type { MetricValue } from '../contract/metric.ts';
import { areApart, type Expected, isRight } from './truth.test-support.ts';

/** What one run showed of one metric. */
export interface Sight {
  /** What was set for that run. */
  readonly made: string;
  readonly expected: Expected;
  /** Undefined: the run reported the metric as absent. */
  readonly value: MetricValue | undefined;
}

/**
 * What is wrong with the sights of one metric; null when it was present and right under two truths that no one value
 * satisfies. An excepted metric needs one sight, and no exception where there are two.
 */
export function faultOfSights(sights: readonly Sight[], excepted: boolean): string | null {
  const wrong = sights.find(({ value, expected }) => !isRight(value, expected));
  if (wrong !== undefined)
    return `${wrong.value ?? 'absent'} under ${wrong.made}; it must be ${JSON.stringify(wrong.expected)}`;
  if (sights.length === 0) return 'no truth is set for it: add one to the presence.test-support.ts of its probe';
  const isShownTwice = sights.some(({ expected }) => sights.some((other) => areApart(expected, other.expected)));
  if (excepted) return isShownTwice ? 'it has two truths: take it off the list of exceptions' : null;
  return isShownTwice ? null : `only one truth is set for it, ${JSON.stringify(sights[0]?.expected)}: set another`;
}
