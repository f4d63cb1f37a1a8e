import type { SeriesState } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import type { Block } from '../codec/block.ts';
import { compareMeasured, isMeasuredAfter, type MeasuredPlace } from '../codec/measured-order.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import type { Newest } from './latest.ts';
import { lastOf } from './newest-folded.ts';
import type { Snapshot } from './snapshot.ts';

/** How far back the beginning of a verdict is searched, ms. */
const SEARCHED_MS = 7 * 86_400_000;
const ALWAYS = Number.MAX_SAFE_INTEGER;

/** A result in the order in which its agent measured it. */
interface Measured extends MeasuredPlace {
  readonly at: number;
}

/**
 * Since when a series has had the verdict of its newest result without another one between, in the order in which its
 * agent measured. Blocks are opened only where their heads do not say enough: newest first until one with another
 * verdict is found, and the one with the first result after it.
 */
export function verdictSince(
  snapshot: Snapshot,
  series: SeriesRow,
  newest: Newest,
): Pick<SeriesState, 'sinceMs' | 'orBefore'> {
  const { at: newestMs, verdict } = 'recent' in newest ? newest.recent : newest.folded;
  const fromMs = Math.max(newestMs - SEARCHED_MS, snapshot.horizons[0]);
  const log = snapshot.recent(series.id, fromMs, ALWAYS);
  const heads = snapshot
    .heads([series], fromMs, ALWAYS)
    .toSorted((a, b) => compareMeasured(lastOf(b), lastOf(a)) || b.toMs - a.toMs);
  const other = lastOther(snapshot, { log, heads, fromMs, verdict });
  const first = firstAfter(snapshot, { log, heads, fromMs: other === null ? fromMs : 0, newestMs }, other);
  return { sinceMs: first ?? newestMs, orBefore: other === null };
}

interface Searched {
  readonly log: readonly (Measured & { readonly verdict: number })[];
  /** Those that may have the newest results first. */
  readonly heads: readonly BlockHead[];
  /** Results at earlier instants are not searched, epoch ms. */
  readonly fromMs: number;
}

/** The last measured result with another verdict. null: there is none. */
function lastOther(
  snapshot: Snapshot,
  { log, heads, fromMs, verdict }: Searched & { readonly verdict: number },
): Measured | null {
  let last: Measured | null = null;
  const offer = (one: Measured) => {
    if (last === null || isMeasuredAfter(one, last)) last = one;
  };
  const found = (): Measured | null => last;
  for (const one of log) if (one.verdict !== verdict) offer(one);
  for (const head of heads) {
    const known = found();
    if (known !== null && !isMeasuredAfter(lastOf(head), known)) break;
    if (head.verdicts === 1 << verdict) continue;
    eachRow(snapshot, head, (one, code) => {
      if (code !== verdict && one.at >= fromMs) offer(one);
    });
  }
  return last;
}

/**
 * Instant of the first result measured after another one, of those until the newest result's instant: a wall clock may
 * have been ahead. null: there is none.
 */
function firstAfter(
  snapshot: Snapshot,
  { log, heads, ...window }: Searched & { readonly newestMs: number },
  other: Measured | null,
): number | null {
  let first: Measured | null = null;
  const offer = (one: Measured) => {
    if (one.at < window.fromMs || one.at > window.newestMs || (other !== null && !isMeasuredAfter(one, other))) return;
    if (first === null || isMeasuredAfter(first, one)) first = one;
  };
  const found = (): Measured | null => first;
  for (const one of log) offer(one);
  /** Blocks whose results are all wanted: only the first of them can have the first result. */
  const whole: BlockHead[] = [];
  let withoutSequences = Number.POSITIVE_INFINITY;
  for (const head of heads) {
    if (head.fromMs > window.newestMs || (other !== null && !isMeasuredAfter(lastOf(head), other))) continue;
    if (!isWhole(head, window, other)) eachRow(snapshot, head, offer);
    else if (head.seqFrom === null) withoutSequences = Math.min(withoutSequences, head.fromMs);
    else whole.push(head);
  }
  const [next] = whole.toSorted((a, b) => compareMeasured(firstOf(a), firstOf(b)));
  const before = found();
  if (next !== undefined && (before === null || isMeasuredAfter(before, firstOf(next)))) eachRow(snapshot, next, offer);
  const sinceMs = Math.min(found()?.at ?? Number.POSITIVE_INFINITY, withoutSequences);
  return Number.isFinite(sinceMs) ? sinceMs : null;
}

const firstOf = ({ epoch, seqFrom }: BlockHead): MeasuredPlace => ({ epoch: epoch ?? 0, seq: seqFrom ?? 0 });

/**
 * Whether a block's head says that all its results are wanted. The instants decide for heads without sequences, which an
 * earlier version wrote.
 */
function isWhole(
  head: BlockHead,
  { fromMs, newestMs }: { readonly fromMs: number; readonly newestMs: number },
  other: Measured | null,
): boolean {
  if (head.fromMs < fromMs || head.toMs > newestMs) return false;
  if (head.seqFrom === null) return other === null || head.fromMs > other.at;
  return head.epoch !== null && (other === null || isMeasuredAfter(firstOf(head), other));
}

function eachRow(
  snapshot: Snapshot,
  head: BlockHead,
  visit: (one: Measured, verdict: number | undefined) => void,
): void {
  snapshot.inBlock(head, undefined, (block: Block) => {
    const [epochs, seqs, { verdicts }] = [block.fixed('epoch'), block.fixed('seq'), block];
    block.at.forEach((at, row) => {
      visit({ at, epoch: epochs[row] ?? 0, seq: seqs[row] ?? 0 }, verdicts[row]);
    });
  });
}
