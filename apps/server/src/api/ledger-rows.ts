import { countInstants, phaseMs } from '@netsonde/protocol';
import type { LedgerRow, UnreadableDrops } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { PlannedTest, Span } from '../planning/model.ts';
import type { Planner } from '../planning/planner.ts';
import { spansWithin } from '../planning/span-rows.ts';
import { spanKey } from '../planning/spans.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { LedgerCounts, ResultStore } from '../store/result-store.ts';

export interface LedgerQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  readonly agent?: number | undefined;
  readonly checks?: readonly number[] | undefined;
}

interface LedgerParts {
  readonly db: Kysely<ConfigSchema>;
  readonly store: Pick<ResultStore, 'ledger'>;
  readonly planner: Planner;
}

/** What was due in a window, and what became of it. */
export interface Ledger {
  readonly rows: readonly LedgerRow[];
  /** By agent, what can be told of no row. */
  readonly unreadable: readonly UnreadableDrops[];
}

/** The store's word for drops that nobody knows the check of. */
const NO_CHECK = 0;

/** How many runs of a span were due in a window. */
export function expectedRuns(
  { agent, check, target, intervalMs, fromMs, toMs }: Span,
  window: { readonly fromMs: number; readonly toMs: number },
): number {
  const grid = { intervalMs, phaseMs: phaseMs(agent, check, target, intervalMs), startMs: fromMs, endMs: toMs };
  return countInstants(grid, window.fromMs, window.toMs);
}

/**
 * What was due, and what became of it, per (agent, check, target). Runs that an agent made before it heard that they
 * were no longer due count as expected too, so that nothing is ever accounted for that was not expected.
 */
export async function ledgerOf({ db, store, planner }: LedgerParts, question: LedgerQuestion): Promise<Ledger> {
  const { fromMs, toMs, agent, checks } = question;
  const filter = {
    fromMs,
    toMs,
    ...(agent === undefined ? {} : { agent }),
    ...(checks === undefined ? {} : { checks }),
  };
  const [spans, counts] = await Promise.all([spansWithin(db, filter), store.ledger(filter)]);
  const expected = new Map<string, number>();
  const accounts = new Map<string, LedgerCounts>();
  for (const span of spans)
    expected.set(spanKey(span), (expected.get(spanKey(span)) ?? 0) + expectedRuns(span, question));
  for (const span of spans) accounts.set(spanKey(span), { ...span, stored: 0, dropped: {}, missed: {} });
  for (const count of counts) accounts.set(spanKey(count), count);
  const tests = new Map(planner.tests().map((test) => [test.id, test]));
  return {
    rows: [...accounts.entries()].flatMap(([key, count]) => toRow(planner, tests, count, expected.get(key) ?? 0)),
    unreadable: counts.filter(({ check }) => check === NO_CHECK).map((count) => toUnreadable(planner, count)),
  };
}

const toUnreadable = (planner: Planner, { agent, dropped }: LedgerCounts): UnreadableDrops => ({
  agent,
  agentName: agentName(planner, agent),
  dropped: { ...dropped },
});

const agentName = (planner: Planner, agent: number): string => planner.agents().get(agent)?.name ?? `agent ${agent}`;

function toRow(
  planner: Planner,
  tests: ReadonlyMap<number, PlannedTest>,
  count: LedgerCounts,
  due: number,
): readonly LedgerRow[] {
  const check = planner.directory.check(count.check);
  const test = check === undefined ? undefined : tests.get(check.test);
  if (check === undefined || test === undefined) return [];
  const heard = count.stored + sum(count.dropped) + sum(count.missed);
  const expected = Math.max(due, heard);
  if (expected === 0) return [];
  return [
    {
      agent: count.agent,
      agentName: agentName(planner, count.agent),
      test: test.id,
      testName: test.name,
      check: count.check,
      probe: check.probe,
      target: count.target,
      address: planner.directory.address(count.target) ?? '',
      expected,
      stored: count.stored,
      retired: count.retired ?? 0,
      dropped: { ...count.dropped },
      missed: { ...count.missed },
      outstanding: expected - heard,
    },
  ];
}

const sum = (counts: Readonly<Partial<Record<string, number>>>): number =>
  Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
