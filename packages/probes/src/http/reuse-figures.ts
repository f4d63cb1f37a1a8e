import { cacheEvidence } from './cache-evidence.ts';
import type { HttpOptions } from './descriptor.ts';
import { type Figures, put } from './figures.ts';
import type { Hop, Transaction } from './observation.ts';

const CLASSES = ['', '', 'responses_2xx', 'responses_3xx', 'responses_4xx', 'responses_5xx'] as const;

/** Figures over all requests of a run: classes of answers, kept connections, caches. */
export function putReuse(figures: Figures, transactions: readonly Transaction[], options: HttpOptions): void {
  const counts = [0, 0, 0, 0, 0, 0];
  let again = 0;
  let kept = 0;
  let answered = false;
  for (const { hops } of transactions)
    for (const { head, originKnown, connection } of hops) {
      if (originKnown) again += 1;
      if (originKnown && connection !== null && connection.connectMs === null) kept += 1;
      if (head === null) continue;
      answered = true;
      const of = Math.floor(head.status / 100);
      counts[of] = (counts[of] ?? 0) + 1;
    }
  for (const of of [2, 3, 4, 5]) figures.metrics[CLASSES[of] ?? ''] = counts[of] ?? 0;
  const askedForReuse = options.requests > 1;
  const reuse = askedForReuse && again > 0 ? (100 * kept) / again : undefined;
  put(figures, 'connection_reuse_pct', reuse, askedForReuse ? 'run_failed' : 'not_requested');
  const untold = answered ? 'not_offered_by_target' : 'run_failed';
  put(figures, 'cache_hit_pct', hitShare(transactions), untold);
  const compare = options.cdnCompare > 0;
  put(figures, 'cdn_time_saved_pct', compare ? timeSaved(transactions) : undefined, compare ? untold : 'not_requested');
}

/** The probe itself forces these misses, so they do not show how well the cache works. */
function hitShare(transactions: readonly Transaction[]): number | undefined {
  let hits = 0;
  let known = 0;
  for (const { role, hops, fault } of transactions) {
    const head = hops.at(-1)?.head ?? null;
    if (role === 'forced' || fault !== null || head === null) continue;
    const revalidated = role === 'revalidation' && head.status === 304;
    const evidence = revalidated ? { hit: true } : cacheEvidence(head.rawHeaders);
    const hit = evidence?.hit ?? (role === 'revalidation' ? false : undefined);
    if (hit === undefined) continue;
    known += 1;
    if (hit) hits += 1;
  }
  return known === 0 ? undefined : (100 * hits) / known;
}

/** Only answers with such headers count as hits and misses. The waits do not include connecting. */
function timeSaved(transactions: readonly Transaction[]): number | undefined {
  const waits = (role: Transaction['role'], hit: boolean): number[] =>
    transactions.flatMap((transaction) => {
      const head = lastHop(transaction)?.head;
      const counts = transaction.role === role && transaction.fault === null && head != null;
      return counts && cacheEvidence(head.rawHeaders)?.hit === hit ? [head.waitMs] : [];
    });
  const [edge, origin] = [median(waits('edge', true)), median(waits('forced', false))];
  return edge === undefined || origin === undefined || origin === 0 ? undefined : (100 * (origin - edge)) / origin;
}

const lastHop = ({ hops }: Transaction): Hop | undefined => hops.at(-1);

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}
