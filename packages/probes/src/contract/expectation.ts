import { symbolOf } from '@netsonde/metrics';
import { z } from 'zod';
import { codeText, type MetricDescriptor, type MetricValue } from './metric.ts';
import type { Outcome } from './outcome.ts';

/** A bound that the test's owner sets for a metric. An `up` run that violates it becomes `degraded`. */
export const expectationSchema = z.strictObject({
  metric: z.string().min(1).max(64),
  op: z.enum(['<', '<=', '>', '>=', '==', '!=']),
  value: z.union([z.number(), z.string().max(256), z.boolean()]),
});
export type Expectation = z.infer<typeof expectationSchema>;

/** Comparisons in words, as they stand before a value. */
export const COMPARISON_WORDS: Readonly<Record<Expectation['op'], string>> = {
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
  '==': 'exactly',
  '!=': 'anything but',
};

/**
 * Judges an outcome by the owner's expectations. An absent metric violates nothing, since it was not measured.
 * @param metrics the probe's, for the words of the finding
 */
export function applyExpectations(
  outcome: Outcome,
  expectations: readonly Expectation[],
  metrics: readonly MetricDescriptor[],
): Outcome {
  if (outcome.verdict !== 'up') return outcome;
  const broken = expectations.find((expectation) => breaks(outcome, expectation));
  if (broken === undefined) return outcome;
  const metric = metrics.find(({ id }) => id === broken.metric);
  const measured = outcome.metrics[broken.metric];
  return {
    ...outcome,
    verdict: 'degraded',
    finding: {
      cause: 'threshold_exceeded',
      side: 'target',
      operation: `${metric?.label ?? broken.metric} is ${inFull(metric, measured)}, expected ${COMPARISON_WORDS[broken.op]} ${inFull(metric, broken.value)}`,
    },
  };
}

function breaks(outcome: Outcome, { metric, op, value }: Expectation): boolean {
  const measured = plain(outcome.metrics[metric]);
  if (measured === undefined) return false;
  switch (op) {
    case '==':
      return measured !== value;
    case '!=':
      return measured === value;
    case '<':
      return !(measured < value);
    case '<=':
      return !(measured <= value);
    case '>':
      return !(measured > value);
    case '>=':
      return !(measured >= value);
  }
}

/** Digits of a number that mean something. Those after them are noise of binary fractions: 0.1 + 0.2. */
const DIGITS = 12;

/** A value without the noise of binary fractions. */
function plain(value: MetricValue | undefined): MetricValue | undefined {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(DIGITS));
}

/** A value with its unit and all its digits: rounded, it could seem to meet the bound. */
function inFull(metric: MetricDescriptor | undefined, value: MetricValue | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return JSON.stringify(value ?? null);
  const unit = metric?.unit ?? null;
  return codeText(metric, value) ?? `${plain(value)}${unit === null ? '' : ` ${symbolOf(unit)}`}`;
}
