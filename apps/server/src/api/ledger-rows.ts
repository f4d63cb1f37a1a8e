import { countInstants, phaseMs } from '@netsonde/protocol';
import { type LedgerRow, SETTLING_MS, type UnreadableDrops } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import { Pace } from '../pace.ts';
import { type Span, spanKey } from '../plan/span.ts';
import type { PlannedTest } from '../planning/model.ts';
import type { Planner } from '../planning/planner.ts';
import { spansWithin } from '../planning/span-rows.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { LedgerCounts, ResultStore } from '../store/result-store.ts';
import { type Account, accountOf, NO_CHECK } from './ledger-account.ts';

export interface LedgerQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  readonly agent?: number | undefined;
  readonly checks?: readonly number[] | undefined;
}

interface LedgerParts {
  readonly db: Kysely<ConfigSchema>;
  readonly store: Pick<ResultStore, 'ledger'>;
  readonly planner: Planner;
}

/** The due runs of a window and their outcomes. */
export interface Ledger {
  readonly rows: readonly LedgerRow[];
  /** Counts by agent that belong to no row. */
  readonly unreadable: readonly UnreadableDrops[];
}

/** How many runs of a span were due in a window. */
export function expectedRuns(
  { agent, check, target, intervalMs, fromMs, toMs }: Span,
  window: { readonly fromMs: number; readonly toMs: number },
): number {
  const grid = { intervalMs, phaseMs: phaseMs(agent, check, target, intervalMs), startMs: fromMs, endMs: toMs };
  return countInstants(grid, window.fromMs, window.toMs);
}

/**
 * Computes the due runs and their outcomes per (agent, check, target). The plan defines the expected runs, and the store
 * accepts only planned ones. Data folders of earlier versions may hold runs after a span's end, which were not due.
 */
export async function ledgerOf(parts: LedgerParts, question: LedgerQuestion): Promise<Ledger> {
  const { planner } = parts;
  const { fromMs, toMs, nowMs } = question;
  const youngMs = Math.max(fromMs, nowMs - SETTLING_MS);
  const spans = await spansWithin(parts.db, question);
  // Recent runs first: runs that arrive between the two queries then count as stored, not as pending.
  const young =
    youngMs < toMs ? await accountsOf(parts, spans, { ...question, fromMs: youngMs }) : new Map<string, Account>();
  const accounts = await accountsOf(parts, spans, question);
  const tests = new Map(planner.tests().map((test) => [test.id, test]));
  const rows: LedgerRow[] = [];
  const pace = new Pace();
  for (const [key, account] of accounts) {
    rows.push(...toRow(planner, tests, account, young.get(key)?.outstanding ?? 0));
    if (pace.isDue) await pace.rest();
  }
  return {
    rows,
    unreadable: [...accounts.values()]
      .filter(({ count }) => count.check === NO_CHECK)
      .map(({ count }) => toUnreadable(planner, count)),
  };
}

/** @param spans that overlap the window at least. */
async function accountsOf(
  { store }: LedgerParts,
  spans: readonly Span[],
  { fromMs, toMs, agent, checks }: LedgerQuestion,
): Promise<ReadonlyMap<string, Account>> {
  const filter = {
    fromMs,
    toMs,
    ...(agent === undefined ? {} : { agent }),
    ...(checks === undefined ? {} : { checks }),
  };
  const heard = await store.ledger(filter);
  const due = new Map<string, number>();
  const counts = new Map<string, LedgerCounts>();
  const pace = new Pace();
  for (const span of spans) {
    if (pace.isDue) await pace.rest();
    if (span.fromMs >= toMs || (span.toMs !== null && span.toMs <= fromMs)) continue;
    const key = spanKey(span);
    due.set(key, (due.get(key) ?? 0) + expectedRuns(span, filter));
    counts.set(key, { ...span, stored: 0, dropped: {}, missed: {}, refused: {} });
  }
  for (const count of heard) counts.set(spanKey(count), count);
  const accounts = new Map<string, Account>();
  for (const [key, count] of counts) {
    accounts.set(key, accountOf(count, due.get(key) ?? 0));
    if (pace.isDue) await pace.rest();
  }
  return accounts;
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
  { count, expected, outstanding }: Account,
  young: number,
): readonly LedgerRow[] {
  const check = planner.directory.check(count.check);
  const test = check === undefined ? undefined : tests.get(check.test);
  if (check === undefined || test === undefined) return [];
  if (expected === 0 && count.stored === 0 && count.repeated === undefined) return [];
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
      ...(count.repeated === undefined ? {} : { repeated: count.repeated }),
      dropped: { ...count.dropped },
      missed: { ...count.missed },
      refused: { ...count.refused },
      outstanding,
      pending: Math.min(young, outstanding),
    },
  ];
}
