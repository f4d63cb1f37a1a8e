import { z } from 'zod';
import type { Outcome } from './outcome.ts';

/** A bound that the test's owner sets for a metric. An `up` run that violates it becomes `degraded`. */
export const expectationSchema = z.strictObject({
  metric: z.string().min(1).max(64),
  op: z.enum(['<', '<=', '>', '>=', '==', '!=']),
  value: z.union([z.number(), z.string().max(256), z.boolean()]),
});
export type Expectation = z.infer<typeof expectationSchema>;

/** Judges an outcome by the owner's expectations. An absent metric violates nothing, since it was not measured. */
export function applyExpectations(outcome: Outcome, expectations: readonly Expectation[]): Outcome {
  if (outcome.verdict !== 'up') return outcome;
  const broken = expectations.find((expectation) => breaks(outcome, expectation));
  if (broken === undefined) return outcome;
  const measured = outcome.metrics[broken.metric];
  return {
    ...outcome,
    verdict: 'degraded',
    finding: {
      cause: 'threshold_exceeded',
      side: 'target',
      operation: `${broken.metric} is ${String(measured)}, expected ${broken.op} ${String(broken.value)}`,
    },
  };
}

function breaks(outcome: Outcome, { metric, op, value }: Expectation): boolean {
  const measured = outcome.metrics[metric];
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
