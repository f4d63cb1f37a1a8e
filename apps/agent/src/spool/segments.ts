import { existsSync, rmSync, statSync } from 'node:fs';
import { RangeSet } from '@netsonde/metrics';
import type { ClockLines } from './clock-lines.ts';
import type { Cursors } from './cursors.ts';
import type { LostRecord } from './drop-ledger.ts';
import type { IndexEntry } from './index-entry.ts';
import { indexPath, listSegments, recordsPath, type SegmentName } from './segment-files.ts';
import { readSegment } from './segment-reader.ts';

/** A segment whose records are on disk. */
export interface Segment {
  readonly name: SegmentName;
  lastSeq: number;
  bytes: number;
  /** Scheduled instants of its first record and of its latest one, epoch ms. */
  readonly firstAt: number;
  lastAt: number;
}

/** Sets of sequence numbers by epoch. */
export class EpochRanges {
  readonly #byEpoch = new Map<number, RangeSet>();

  of(epoch: number): RangeSet {
    let ranges = this.#byEpoch.get(epoch);
    if (ranges === undefined) {
      ranges = new RangeSet();
      this.#byEpoch.set(epoch, ranges);
    }
    return ranges;
  }

  /** How many ranges there are. */
  get size(): number {
    let size = 0;
    for (const ranges of this.#byEpoch.values()) size += ranges.size;
    return size;
  }

  /** Drops each epoch's numbers below the first that is needed, or the whole epoch if `firstOf` returns null. */
  keepFrom(firstOf: (epoch: number) => number | null): void {
    for (const [epoch, ranges] of this.#byEpoch) {
      const first = firstOf(epoch);
      if (first === null) this.#byEpoch.delete(epoch);
      else ranges.removeBefore(first);
    }
  }

  clear(epoch?: number): void {
    if (epoch === undefined) this.#byEpoch.clear();
    else this.#byEpoch.delete(epoch);
  }
}

/** What a previous agent process left on the disk. */
export interface Leftover {
  readonly segments: Segment[];
  /** Records that turned out to be damaged. */
  readonly lost: readonly LostRecord[];
  readonly cutBytes: number;
  /** Index files whose records were unlinked; they only stored cursors. */
  readonly orphans: readonly SegmentName[];
}

/**
 * Reads the indexes of all segments and moves the cursors forward by what they account for. Records whose dates are not
 * known yet account for nothing.
 */
export function loadSegments(folder: string, cursors: Cursors, lines: Pick<ClockLines, 'of'>): Leftover {
  const segments: Segment[] = [];
  const lost: LostRecord[] = [];
  const orphans: SegmentName[] = [];
  let cutBytes = 0;
  for (const { epoch, firstSeq, hasRecords } of listSegments(folder)) {
    const name = { epoch, firstSeq };
    if (!hasRecords) {
      orphans.push(name);
      continue;
    }
    const content = readSegment(folder, name);
    cutBytes += content.cutBytes;
    const all = [...content.entries, ...content.torn];
    for (const { seq, check, target, to } of all) {
      const dated = lines.of(epoch, seq);
      if (dated !== null) cursors.advance(check, target, to + dated.shiftMs);
    }
    for (const entry of content.torn) lost.push(lostRecord(epoch, entry, 'torn', true));
    for (const seq of content.lostSeqs) lost.push({ epoch, seq, reason: 'corrupt', owner: null, uncertain: true });
    segments.push({ name, lastSeq: all.at(-1)?.seq ?? firstSeq - 1, bytes: bytesOf(folder, name), ...instantsOf(all) });
  }
  return { segments, lost, cutBytes, orphans };
}

/** A lost record whose index entry is known. */
export function lostRecord(
  epoch: number,
  entry: IndexEntry,
  reason: LostRecord['reason'],
  uncertain: boolean,
): LostRecord {
  const { seq, check, target, count, from, to } = entry;
  return { epoch, seq, reason, owner: { check, target, count, from, to }, uncertain };
}

/** Removes a segment's records. Its index may stay until its cursors are saved. */
export function unlinkRecords(folder: string, name: SegmentName): void {
  rmSync(recordsPath(folder, name), { force: true });
}

export function unlinkIndex(folder: string, name: SegmentName): void {
  rmSync(indexPath(folder, name), { force: true });
}

function bytesOf(folder: string, name: SegmentName): number {
  const index = indexPath(folder, name);
  return statSync(recordsPath(folder, name)).size + (existsSync(index) ? statSync(index).size : 0);
}

function instantsOf(entries: readonly IndexEntry[]): { firstAt: number; lastAt: number } {
  const firstAt = entries[0]?.from ?? 0;
  return { firstAt, lastAt: entries.reduce((latest, { to }) => Math.max(latest, to), firstAt) };
}
