import type { ResultFilter, ResultStore } from '../store/result-store.ts';

/** Number of results matching a filter, ignoring verdicts, that retention has deleted. */
export async function retiredCount(
  store: Pick<ResultStore, 'ledger'>,
  { checks, agent, target, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: ResultFilter,
): Promise<number> {
  const counts = await store.ledger({ checks, fromMs, toMs, ...(agent === undefined ? {} : { agent }) });
  return counts
    .filter((count) => target === undefined || count.target === target)
    .reduce((sum, { retired = 0 }) => sum + retired, 0);
}
