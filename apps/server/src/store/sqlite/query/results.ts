import type { ResultFilter, StoredResult } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import type { Block } from '../codec/block.ts';
import { verdictCode } from '../codec/row.ts';
import type { Snapshot } from './snapshot.ts';

const ALWAYS = Number.MAX_SAFE_INTEGER;

/** A found result that is not decoded yet. */
interface Found {
  readonly at: number;
  readonly series: number;
  /** null: it cannot be read. */
  readonly read: () => StoredResult | null;
}

/** Order by instant, then by series, so that a query's result does not depend on where results are stored. */
const inOrder = (a: Found, b: Found): number => a.at - b.at || a.series - b.series;

/** Results of a log record or a block that match a filter. */
function foundIn(
  snapshot: Snapshot,
  filter: ResultFilter,
  fromMs: number,
  toMs: number,
): { recent: Found[]; heads: readonly BlockHead[] } {
  const series = snapshot.seriesOf(filter);
  const verdict = filter.verdict === undefined ? null : verdictCode(filter.verdict);
  const recent: Found[] = [];
  for (const { id } of series)
    for (const record of snapshot.recent(id, fromMs, toMs))
      if (verdict === null || record.verdict === verdict)
        recent.push({ at: record.at, series: id, read: () => snapshot.storedAt(record) });
  const heads = snapshot
    .heads(series, fromMs, toMs)
    .filter((head) => verdict === null || (head.verdicts & (1 << verdict)) !== 0);
  return { recent, heads };
}

function foundInBlock(
  snapshot: Snapshot,
  head: BlockHead,
  filter: ResultFilter,
  fromMs: number,
  toMs: number,
): Found[] {
  return snapshot.inBlock(head, [], (block) => foundRows(snapshot, block, head, filter, fromMs, toMs));
}

function foundRows(
  snapshot: Snapshot,
  block: Block,
  head: BlockHead,
  filter: ResultFilter,
  fromMs: number,
  toMs: number,
): Found[] {
  const verdict = filter.verdict === undefined ? null : verdictCode(filter.verdict);
  const found: Found[] = [];
  block.at.forEach((at, row) => {
    if (at < fromMs || at >= toMs || (verdict !== null && block.verdicts[row] !== verdict)) return;
    found.push({
      at,
      series: head.series,
      read: () => snapshot.storedIn(head, block, row),
    });
  });
  return found;
}

/** The newest results that match a filter, newest first. Blocks are opened only while they may hold a newer one. */
export function newestResults(snapshot: Snapshot, filter: ResultFilter, limit: number): readonly StoredResult[] {
  const fromMs = Math.max(filter.fromMs ?? 0, snapshot.horizons[0]);
  const toMs = filter.toMs ?? ALWAYS;
  const { recent, heads } = foundIn(snapshot, filter, fromMs, toMs);
  const newest = [...heads].sort((a, b) => b.toMs - a.toMs);
  let best = top(recent, limit);
  for (const head of newest) {
    const worst = best[limit - 1];
    if (worst !== undefined && head.toMs < worst.at) break;
    best = top([...best, ...foundInBlock(snapshot, head, filter, fromMs, toMs)], limit);
  }
  return readAll(best);
}

const readAll = (found: readonly Found[]): readonly StoredResult[] =>
  found.map(({ read }) => read()).filter((result) => result !== null);

const top = (found: Found[], limit: number): Found[] => found.sort((a, b) => inOrder(b, a)).slice(0, limit);

/** Approximate number of results per page of a scan. */
const PAGE = 1000;

/** One page of a scan, oldest first: all results of a slice of time, so that no result falls between two pages. */
export interface ScanPage {
  readonly results: readonly StoredResult[];
  /** Start of the next page. null: this is the last. */
  readonly nextMs: number | null;
}

export function scanPage(snapshot: Snapshot, filter: ResultFilter, beginMs: number): ScanPage {
  const fromMs = Math.max(beginMs, snapshot.horizons[0]);
  const toMs = filter.toMs ?? ALWAYS;
  const { recent, heads } = foundIn(snapshot, filter, fromMs, toMs);
  const endMs = sliceEnd(recent, heads, fromMs, toMs);
  const found = recent.filter(({ at }) => at < endMs);
  for (const head of heads) if (head.fromMs < endMs) found.push(...foundInBlock(snapshot, head, filter, fromMs, endMs));
  const results = readAll(found.sort(inOrder));
  const more = endMs < toMs && (recent.some(({ at }) => at >= endMs) || heads.some((head) => head.toMs >= endMs));
  return { results, nextMs: more ? endMs : null };
}

/** End of a slice of about one page, found by bisection. Blocks are assumed evenly filled, so page sizes vary. */
function sliceEnd(recent: readonly Found[], heads: readonly BlockHead[], startMs: number, toMs: number): number {
  const instants = Float64Array.from(recent, ({ at }) => at).sort();
  const lastMs = heads.reduce((latest, head) => Math.max(latest, head.toMs), instants.at(-1) ?? startMs);
  let low = startMs + 1;
  let high = Math.min(toMs, lastMs + 1);
  if (rowsBefore(high, instants, heads, startMs) <= PAGE) return toMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (rowsBefore(middle, instants, heads, startMs) > PAGE) high = middle;
    else low = middle;
  }
  return low;
}

/** Approximate number of rows in [startMs, endMs). */
function rowsBefore(endMs: number, instants: Float64Array, heads: readonly BlockHead[], startMs: number): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((instants[middle] ?? 0) < endMs) low = middle + 1;
    else high = middle;
  }
  let rows = low;
  for (const { fromMs, toMs, rows: all } of heads) {
    const inside = Math.min(endMs, toMs + 1) - Math.max(startMs, fromMs);
    if (inside > 0) rows += (all * inside) / (toMs + 1 - fromMs);
  }
  return rows;
}
