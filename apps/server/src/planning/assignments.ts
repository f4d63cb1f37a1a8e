import type { AssignedCheck } from '@netsonde/protocol';
import type { Span } from '../plan/span.ts';
import { groupBy } from './group-by.ts';
import type { PlannedCheck, PlannedTest } from './model.ts';

/** A check with the test that it belongs to. */
export interface CheckInTest {
  readonly test: PlannedTest;
  readonly check: PlannedCheck;
}

/** A target as an assignment names it. */
export interface AssignedTarget {
  readonly address: string;
  readonly tag?: number | null | undefined;
}

/** One agent's assignment, made from its due spans: an entry per check and start, with its targets. */
export function assignedChecks(
  spans: Iterable<Span>,
  lookup: (check: number) => CheckInTest | undefined,
  targetOf: (target: number) => AssignedTarget | undefined,
): readonly AssignedCheck[] {
  const entries = groupBy(spans, ({ check, fromMs, toMs }) => `${check} ${fromMs} ${toMs}`);
  return [...entries.values()]
    .flatMap((due) => {
      const [first] = due;
      const found = first === undefined ? undefined : lookup(first.check);
      return first === undefined || found === undefined ? [] : [assignedCheck(found, first, due, targetOf)];
    })
    .sort((a, b) => a.check - b.check || a.startMs - b.startMs);
}

function assignedCheck(
  { test, check }: CheckInTest,
  { intervalMs, fromMs, toMs }: Span,
  due: readonly Span[],
  targetOf: (target: number) => AssignedTarget | undefined,
): AssignedCheck {
  return {
    check: check.id,
    ...tagOf(check),
    test: test.id,
    probe: check.probe,
    options: { ...check.options },
    expectations: [...check.expectations],
    intervalMs,
    startMs: fromMs,
    endMs: toMs,
    targets: due.map(({ target }) => assignedTarget(target, targetOf(target))).sort((a, b) => a.target - b.target),
  };
}

const assignedTarget = (target: number, known: AssignedTarget | undefined): AssignedCheck['targets'][number] => ({
  target,
  ...tagOf(known),
  address: known?.address ?? '',
});

const tagOf = (of: { readonly tag?: number | null | undefined } | undefined) =>
  of?.tag == null ? {} : { tag: of.tag };
