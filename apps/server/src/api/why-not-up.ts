import { DATED_AHEAD, NOT_HEARD, type SeriesState as View } from '@netsonde/protocol/api';
import type { LedgerCounts, SeriesState, StoreQuestions } from '../store/result-store.ts';
import { isOnline } from './agent-presence.ts';
import { iso } from './instants.ts';
import type { ApiParts } from './parts.ts';

type Finding = NonNullable<View['finding']>;
type Parts = Pick<ApiParts, 'auth' | 'fleet' | 'planner'> & { readonly store: Pick<StoreQuestions, 'ledger'> };

/** How far back missing runs are counted, ms. */
const COUNTED_MS = 86_400_000;
/** States of up to this age are of now, ms. */
const NOW_MS = 60_000;

/** Why a series is not up at `atMs`. null: it is up, or waits for its first result. */
export async function whyNotUp(parts: Parts, state: SeriesState, atMs: number): Promise<Finding | null> {
  if (state.result !== null) return state.result.record.finding ?? null;
  if (state.datedAhead) return { ...DATED_AHEAD, operation: aheadWords(state) };
  return state.verdict === 'unknown' ? whyMissing(parts, state, atMs) : null;
}

const aheadWords = ({ newestMs }: SeriesState): string =>
  `its newest result is dated ${iso(newestMs ?? 0)}, later than the present`;

/**
 * Why results of a series are missing: nothing is heard from its agent, or what the agent or the ledger says became of
 * the runs since its newest result.
 */
async function whyMissing({ auth, fleet, planner, store }: Parts, state: SeriesState, atMs: number): Promise<Finding> {
  const { agent, check, target, newestMs, dueMs } = state;
  // Whether an agent is heard now says nothing about the end of a test long ago.
  const isNow = auth.now() - atMs < NOW_MS;
  if (isNow && !isOnline(fleet, agent)) return { ...NOT_HEARD, operation: '' };
  const refusal = planner.targetRefusal(agent, check, target);
  if (isNow && refusal !== undefined) return { cause: 'policy', side: 'agent', operation: refusal };
  const fromMs = Math.max(atMs - COUNTED_MS, dueMs ?? 0, newestMs === null ? 0 : newestMs + 1);
  const [counts] = await store.ledger({ agent, checks: [check], target, fromMs, toMs: atMs + 1 });
  const most = mostFrequent(counts);
  if (most === null) return { ...NOT_HEARD, operation: '' };
  const { reason, count, kind } = most;
  return { cause: reason, side: 'agent', operation: `${count} ${count === 1 ? 'run' : 'runs'} ${kind} since then` };
}

/** The most frequent reason for which runs were missed, dropped or refused. null: none was. */
function mostFrequent(counts: LedgerCounts | undefined) {
  if (counts === undefined) return null;
  return (['missed', 'dropped', 'refused'] as const)
    .flatMap((kind) => Object.entries(counts[kind]).map(([reason, count = 0]) => ({ kind, reason, count })))
    .filter(({ count }) => count > 0)
    .reduce<{ readonly kind: string; readonly reason: string; readonly count: number } | null>(
      (most, one) => (most === null || one.count > most.count ? one : most),
      null,
    );
}
