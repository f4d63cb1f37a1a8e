import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { AgentRecord } from '@netsonde/protocol';
import { FRAME_HEADER_BYTES, type FrameRead, readFrame } from './frame.ts';
import { ENTRY_BYTES, type IndexEntry, readEntry } from './index-entry.ts';
import { spanOf } from './record-span.ts';
import { fileAt, indexPath, recordsPath, type SegmentName } from './segment-files.ts';

/** The readable content of a segment. */
export interface SegmentContent {
  /** In order of `seq`. Damaged index entries are rebuilt from the records where those are intact. */
  readonly entries: readonly IndexEntry[];
  /** Sequence numbers between readable ones whose check and target are not known. */
  readonly lostSeqs: readonly number[];
  /** Entries whose records are cut off at the end of the file. */
  readonly torn: readonly IndexEntry[];
  /** Bytes cut from the end, since they form no record. */
  readonly cutBytes: number;
}

/**
 * Reads a segment's index and repairs it from the records. It does not verify bodies: that happens when they are sent.
 * A file that was removed reads as an empty one.
 */
export function readSegment(folder: string, name: SegmentName): SegmentContent {
  const index = bytesOf(indexPath(folder, name));
  const path = recordsPath(folder, name);
  const size = fileAt(path)?.size ?? 0;
  const entries: IndexEntry[] = [];
  let damaged = index.length % ENTRY_BYTES !== 0;
  for (let at = 0; at + ENTRY_BYTES <= index.length; at += ENTRY_BYTES) {
    const entry = readEntry(index, at);
    if (entry === null) damaged = true;
    else entries.push(entry);
  }
  const last = entries.at(-1);
  const end = last === undefined ? 0 : last.offset + FRAME_HEADER_BYTES + last.length;
  if (!damaged && end === size) return { entries, lostSeqs: [], torn: [], cutBytes: 0 };
  return rebuilt(bytesOf(path), entries, name);
}

const bytesOf = (path: string): Buffer => (fileAt(path) === null ? Buffer.alloc(0) : readFileSync(path));

/**
 * The index entry of one record, found at its expected place, else by reading all entries; undefined where there is
 * none.
 */
export function findEntry(folder: string, name: SegmentName, seq: number): IndexEntry | undefined {
  const entry = entryAt(folder, name, seq - name.firstSeq);
  return entry?.seq === seq ? entry : readSegment(folder, name).entries.find((one) => one.seq === seq);
}

function entryAt(folder: string, name: SegmentName, place: number): IndexEntry | null {
  const path = indexPath(folder, name);
  if (fileAt(path) === null) return null;
  const bytes = Buffer.alloc(ENTRY_BYTES);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, bytes, 0, ENTRY_BYTES, place * ENTRY_BYTES);
  } finally {
    closeSync(fd);
  }
  return readEntry(bytes, 0);
}

/** Reads all records to fill the gaps of the index. */
function rebuilt(records: Buffer, known: readonly IndexEntry[], { firstSeq }: SegmentName): SegmentContent {
  const bySeq = new Map(known.map((entry) => [entry.seq, entry]));
  const byOffset = new Map(known.map((entry) => [entry.offset, entry]));
  let at = 0;
  while (at < records.length) {
    const indexed = byOffset.get(at);
    const entry = indexed ?? entryOf(readFrame(records, at), at);
    if (entry === null) {
      const next = nextOffset(known, at);
      if (next === null) break;
      at = next;
      continue;
    }
    bySeq.set(entry.seq, entry);
    at = entry.offset + FRAME_HEADER_BYTES + entry.length;
  }
  const entries = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  const fits = (entry: IndexEntry) => entry.offset + FRAME_HEADER_BYTES + entry.length <= records.length;
  const cut = entries.length === 0 || fits(entries.at(-1) as IndexEntry) ? Math.max(records.length - at, 0) : 0;
  return {
    entries: entries.filter(fits),
    torn: entries.filter((entry) => !fits(entry)),
    lostSeqs: holes(entries, firstSeq),
    cutBytes: cut,
  };
}

function nextOffset(known: readonly IndexEntry[], after: number): number | null {
  return known.find((entry) => entry.offset > after)?.offset ?? null;
}

function holes(entries: readonly IndexEntry[], firstSeq: number): number[] {
  const lost: number[] = [];
  let expected = firstSeq;
  for (const { seq } of entries) {
    for (; expected < seq; expected++) lost.push(expected);
    expected = seq + 1;
  }
  return lost;
}

/** An index entry built from an intact record's own JSON. */
function entryOf(frame: FrameRead, offset: number): IndexEntry | null {
  if (frame.state !== 'whole') return null;
  const record = JSON.parse(frame.json) as AgentRecord;
  const { check, target } = record;
  const { from, to, count } = spanOf(record);
  return { seq: frame.seq, check, target, from, to, count, offset, length: frame.length };
}

/** A segment open for reading records one by one. It has no records where its file was removed. */
export class SegmentReader {
  readonly name: SegmentName;
  readonly #fd: number | null;

  constructor(folder: string, name: SegmentName) {
    this.name = name;
    const path = recordsPath(folder, name);
    this.#fd = fileAt(path) === null ? null : openSync(path, 'r');
  }

  /** Reads the record of an entry and verifies its CRC. */
  read({ offset, length }: IndexEntry): FrameRead {
    const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
    const got = this.#fd === null ? 0 : readSync(this.#fd, bytes, 0, bytes.length, offset);
    return readFrame(bytes.subarray(0, got), 0);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }
}
