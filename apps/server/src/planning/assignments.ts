import type { AssignedCheck } from '@netsonde/protocol';
import type { Span } from '../plan/span.ts';
import { groupBy } from './group-by.ts';
import type { PlannedCheck, PlannedTest } from './model.ts';

/** A check with the test that it belongs to. */
export interface CheckInTest {
  readonly test: PlannedTest;
  readonly check: PlannedCheck;
}

/** One agent's assignment, made from its due spans: an entry per check and start, with its targets. */
export function assignedChecks(
  spans: Iterable<Span>,
  lookup: (check: number) => CheckInTest | undefined,
  addressOf: (target: number) => string,
): readonly AssignedCheck[] {
  const entries = groupBy(spans, ({ check, fromMs, toMs }) => `${check} ${fromMs} ${toMs}`);
  return [...entries.values()]
    .flatMap((due) => {
      const [first] = due;
      const found = first === undefined ? undefined : lookup(first.check);
      return first === undefined || found === undefined ? [] : [assignedCheck(found, first, due, addressOf)];
    })
    .sort((a, b) => a.check - b.check || a.startMs - b.startMs);
}

function assignedCheck(
  { test, check }: CheckInTest,
  { intervalMs, fromMs, toMs }: Span,
  due: readonly Span[],
  addressOf: (target: number) => string,
): AssignedCheck {
  return {
    check: check.id,
    test: test.id,
    probe: check.probe,
    options: { ...check.options },
    expectations: [...check.expectations],
    intervalMs,
    startMs: fromMs,
    endMs: toMs,
    targets: due.map(({ target }) => ({ target, address: addressOf(target) })).sort((a, b) => a.target - b.target),
  };
}
