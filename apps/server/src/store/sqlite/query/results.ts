import type { ResultFilter, StoredResult } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import { verdictCode } from '../codec/row.ts';
import { compareOldestFirst, FirstResults, type ResultPlace } from './first-results.ts';
import type { Snapshot } from './snapshot.ts';

const ALWAYS = Number.MAX_SAFE_INTEGER;
/** Most results per page of a scan. */
const PAGE = 1000;

/** A found result that is not decoded yet. */
interface Found extends ResultPlace {
  /** null: it cannot be read. */
  readonly read: () => StoredResult | null;
}

/** The newest results that match a filter, newest first. Blocks are opened only while they may hold a newer one. */
export function newestResults(snapshot: Snapshot, filter: ResultFilter, limit: number): readonly StoredResult[] {
  const search = new Search(snapshot, filter, null);
  const newest = new FirstResults<Found>(limit, 'newest first');
  search.inLog(newest);
  for (const head of [...search.heads].sort((a, b) => b.toMs - a.toMs)) {
    if (!newest.mayKeep(head.toMs)) break;
    search.inBlock(head, newest);
  }
  return readAll(newest.sorted);
}

/** One page of a scan, oldest first. */
export interface ScanPage {
  readonly results: readonly StoredResult[];
  /** The next page begins after this place. null: this is the last. */
  readonly last: ResultPlace | null;
}

/**
 * The oldest results after a place. Blocks are opened only while they may hold an older one.
 * @param after null: from the beginning.
 */
export function scanPage(snapshot: Snapshot, filter: ResultFilter, after: ResultPlace | null): ScanPage {
  const search = new Search(snapshot, filter, after);
  const oldest = new FirstResults<Found>(PAGE, 'oldest first');
  search.inLog(oldest);
  for (const head of [...search.heads].sort((a, b) => a.fromMs - b.fromMs)) {
    if (!oldest.mayKeep(head.fromMs)) break;
    search.inBlock(head, oldest);
  }
  const found = oldest.sorted;
  const last = found.at(-1);
  if (last === undefined || !oldest.isCut) return { results: readAll(found), last: null };
  const { at, series, epoch, seq } = last;
  return { results: readAll(found), last: { at, series, epoch, seq } };
}

/** Searches the log and the blocks for results that match a filter, and offers those that may be among the first. */
class Search {
  readonly heads: readonly BlockHead[];
  readonly #snapshot: Snapshot;
  readonly #series: ReturnType<Snapshot['seriesOf']>;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #verdict: number | null;
  readonly #after: ResultPlace | null;

  constructor(snapshot: Snapshot, filter: ResultFilter, after: ResultPlace | null) {
    this.#snapshot = snapshot;
    this.#series = snapshot.seriesOf(filter);
    this.#fromMs = Math.max(filter.fromMs ?? 0, snapshot.horizons[0], after?.at ?? 0);
    this.#toMs = filter.toMs ?? ALWAYS;
    this.#verdict = filter.verdict === undefined ? null : verdictCode(filter.verdict);
    this.#after = after;
    const verdict = this.#verdict;
    this.heads = snapshot
      .heads(this.#series, this.#fromMs, this.#toMs)
      .filter((head) => verdict === null || (head.verdicts & (1 << verdict)) !== 0);
  }

  inLog(first: FirstResults<Found>): void {
    const snapshot = this.#snapshot;
    const { index } = snapshot;
    const isWanted = (at: number) => at >= this.#fromMs && at < this.#toMs && first.mayKeep(at);
    for (const { id } of this.#series)
      index.visit(id, isWanted, (record) => {
        const { at, series, epoch, seq, verdict } = record;
        this.#offer(first, { at, series, epoch, seq, read: () => snapshot.storedAt(record) }, verdict);
      });
  }

  inBlock(head: BlockHead, first: FirstResults<Found>): void {
    const snapshot = this.#snapshot;
    snapshot.inBlock(head, undefined, (block) => {
      block.at.forEach((at, row) => {
        if (at < this.#fromMs || at >= this.#toMs || !first.mayKeep(at)) return;
        const place = {
          at,
          series: head.series,
          epoch: block.fixed('epoch')[row] ?? 0,
          seq: block.fixed('seq')[row] ?? 0,
        };
        const read = () => snapshot.storedIn(head, block, row);
        this.#offer(first, { ...place, read }, block.verdicts[row] ?? 0);
      });
    });
  }

  #offer(first: FirstResults<Found>, found: Found, verdict: number): void {
    if (this.#verdict !== null && verdict !== this.#verdict) return;
    if (this.#after === null || compareOldestFirst(found, this.#after) > 0) first.offer(found);
  }
}

const readAll = (found: readonly Found[]): readonly StoredResult[] =>
  found.map(({ read }) => read()).filter((result) => result !== null);
