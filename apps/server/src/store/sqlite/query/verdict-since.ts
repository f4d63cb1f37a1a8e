import type { SeriesState } from '../../result-store.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import type { Newest } from './latest.ts';
import type { Snapshot } from './snapshot.ts';

/** How far back the beginning of a verdict is searched, ms. */
const SEARCHED_MS = 7 * 86_400_000;

/**
 * Since when a series has had the verdict of its newest result without another one between. Blocks are opened only if
 * they have another verdict too, newest first, until one is found.
 */
export function verdictSince(
  snapshot: Snapshot,
  series: SeriesRow,
  newest: Newest,
): Pick<SeriesState, 'sinceMs' | 'orBefore'> {
  const { at: newestMs, verdict } = 'recent' in newest ? newest.recent : newest.folded;
  const fromMs = Math.max(newestMs - SEARCHED_MS, snapshot.horizons[0]);
  const log = snapshot.recent(series.id, fromMs, newestMs + 1);
  const heads = snapshot.heads([series], fromMs, newestMs + 1).toSorted((a, b) => b.toMs - a.toMs);
  let otherMs = log.reduce((latest, one) => (one.verdict === verdict ? latest : Math.max(latest, one.at)), fromMs - 1);
  for (const head of heads) {
    if (head.toMs <= otherMs) break;
    if (head.verdicts === 1 << verdict) continue;
    const isOther = (at: number, code: number | undefined) => code !== verdict && at <= newestMs;
    otherMs = snapshot.inBlock(head, otherMs, ({ at, verdicts }) =>
      at.reduce((latest, one, row) => (isOther(one, verdicts[row]) ? Math.max(latest, one) : latest), otherMs),
    );
  }
  const firstIn = (instants: ArrayLike<number>): number => Array.from(instants).find((at) => at > otherMs) ?? newestMs;
  const ofLog = log.reduce((first, { at }) => (at > otherMs ? Math.min(first, at) : first), newestMs);
  const sinceMs = heads.reduce((first, head) => {
    if (head.toMs <= otherMs) return first;
    if (head.fromMs > otherMs) return Math.min(first, head.fromMs);
    return Math.min(
      first,
      snapshot.inBlock(head, first, ({ at }) => firstIn(at)),
    );
  }, ofLog);
  return { sinceMs, orBefore: otherMs < fromMs };
}
