import type { DropReason } from '@netsonde/protocol';
import { redatedJson } from '../clock/dated.ts';
import { Seldom } from '../seldom.ts';
import type { Anchoring, LineStart } from './clock-lines.ts';
import { adviceFor, isOfDisk } from './disk-error.ts';
import type { LostRecord, ReportedDrop } from './drop-ledger.ts';
import { syncFolder } from './image-file.ts';
import type { IndexEntry } from './index-entry.ts';
import { freeBytes, type SpoolLimits } from './limits.ts';
import { OldestRecord } from './oldest-record.ts';
import type { SegmentName } from './segment-files.ts';
import { readSegment, SegmentReader } from './segment-reader.ts';
import { type Appended, SegmentWriter } from './segment-writer.ts';
import { loadSegments, lostRecord, type Segment, unlinkIndex, unlinkRecords } from './segments.ts';
import type { SeqRanges } from './seq-ranges.ts';
import { openState, type SpoolState } from './spool-state.ts';
import { Standing } from './standing.ts';
import { unreadable } from './unreadable.ts';
import { unwritable } from './unwritable.ts';
import { WaitingRecords } from './waiting-records.ts';

/** A record on its way to the server. */
export interface Kept {
  readonly epoch: number;
  readonly seq: number;
  readonly json: string;
}

/** The position in the backlog: the next record to read. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** What the spool holds and the server does not. */
export interface SpoolStatus {
  readonly records: number;
  readonly bytes: number;
  /** Scheduled instant of the oldest record, epoch ms; null: there is none. */
  readonly oldestAt: number | null;
  /** Runs lost since the data folder was made. */
  readonly dropped: number;
}

/** Events of the spool. */
export interface SpoolEvents {
  /** These records of this epoch are durable. */
  kept(from: number, to: number): void;
  /** These records of this epoch were dropped before they were durable, and are counted. */
  lost(from: number, to: number): void;
  warn(message: string): void;
}

/** What a spool knows of the time when it is opened. */
export interface SpoolTime {
  /** The best estimate, epoch ms. */
  readonly nowMs: number;
  /** The time for the epoch of this start, epoch ms. Absent: the best estimate. */
  readonly epochMs?: number;
  /** Set where the clock is not anchored yet. */
  readonly line: LineStart | null;
}

/** The spool itself, all of it synchronous. It runs in its own thread. */
export class SpoolCore {
  readonly #folder: string;
  readonly #limits: SpoolLimits;
  readonly #events: SpoolEvents;
  readonly #state: SpoolState;
  readonly #standing = new Standing((epoch) => this.#heldOf(epoch));
  readonly #waiting = new WaitingRecords();
  readonly #oldest: OldestRecord;
  readonly #unwritable: Seldom;
  #segments: Segment[];
  #orphans: SegmentName[];
  #writer: SegmentWriter | null = null;
  /** The newest record of this epoch. -1: none. */
  #lastSeq = -1;
  #failing: string | null = null;
  /** Since when the oldest records are too old, by the monotonic clock, ms. null: they are not. */
  #oldSinceMs: number | null = null;
  #cached: { name: SegmentName; entries: readonly IndexEntry[]; lastSeq: number } | null = null;

  /** @param line null: the clock is anchored, and what is recorded is dated rightly. */
  constructor(folder: string, limits: SpoolLimits, { nowMs, epochMs = nowMs, line }: SpoolTime, events: SpoolEvents) {
    this.#folder = folder;
    this.#limits = limits;
    this.#events = events;
    this.#oldest = new OldestRecord(folder);
    this.#unwritable = new Seldom((message) => events.warn(message), performance.now.bind(performance));
    this.#state = openState(folder, epochMs);
    const { segments, lost, cutBytes, orphans } = loadSegments(folder, this.#state.cursors, this.#state.lines);
    this.#segments = segments;
    this.#pruneLines();
    if (line !== null) this.#state.lines.begin(this.epoch, line);
    this.#orphans = [...orphans];
    for (const segment of segments) this.#standing.inherited(segment);
    for (const [epoch, from, to] of this.#state.drops.settled()) this.#standing.settle(epoch, from, to);
    this.#lose(lost.filter(({ epoch, seq }) => !this.#standing.isSettled(epoch, seq)));
    if (cutBytes > 0)
      events.warn(`the spool was cut short by ${cutBytes} bytes at the end of a segment: no whole record was in them`);
    if (lost.length > 0) events.warn(damaged(lost.length));
    this.#reap();
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  get lastAliveMs(): number | null {
    return this.#state.lastAliveMs;
  }

  /** The instant up to which each (check, target) is accounted for. */
  cursors(): readonly (readonly [check: number, target: number, to: number])[] {
    return [...this.#state.cursors];
  }

  /** Accepts records in order of `seq` and writes what it can. What the disk refuses waits. */
  append(records: readonly Appended[]): void {
    this.#lastSeq = records.at(-1)?.seq ?? this.#lastSeq;
    this.#waiting.push(records);
    if (this.#failing === null) this.#write();
    this.#giveUp(this.#waiting.beyond(this.#limits.memoryBytes));
  }

  /**
   * Once a second: tries a failing disk again, enforces the limits, records that the agent is alive.
   * @param leastMs the time that it certainly is at least: by no other are records dropped for their age. null: nothing is certain
   */
  tick(nowMs: number, leastMs: number | null): void {
    this.#state.markAlive(nowMs);
    if (this.#waiting.length > 0) this.#write();
    if (this.#orphans.length > 0) this.#reap();
    this.#bound(leastMs);
  }

  /** The clock is anchored: what was recorded before is dated by what is known now. */
  anchored(anchoring: Anchoring): void {
    const { lines, cursors } = this.#state;
    if (lines.isEmpty) return;
    const open = this.#segments.filter(({ name, lastSeq }) => lines.of(name.epoch, lastSeq) === null);
    lines.anchored({ ...anchoring, epoch: this.epoch }, (epoch) => this.#latestOf(epoch));
    for (const segment of open)
      for (const { seq, check, target, to } of this.#entries(segment)) {
        const dated = lines.of(segment.name.epoch, seq);
        if (dated !== null) cursors.advance(check, target, to + dated.shiftMs);
      }
  }

  /** A new session begins: nothing is under way, and the server has reported what it holds. */
  session(received: readonly { readonly epoch: number; readonly ranges: SeqRanges }[]): void {
    this.#standing.session(received);
    this.#standing.prune();
    for (const { epoch, ranges } of received) this.acknowledge(epoch, ranges);
  }

  /** The checks of the assignment in force: cursors of others are dropped once they are old. */
  assigned(checks: readonly number[]): void {
    this.#state.cursors.prune(new Set(checks));
  }

  /** These records are on their way to the server. */
  sent(epoch: number, ranges: SeqRanges): void {
    this.#standing.sent(epoch, ranges);
  }

  /** The server has stored these durably, or knows that they are lost. */
  acknowledge(epoch: number, ranges: SeqRanges): void {
    for (const [from, to] of ranges) this.#standing.settle(epoch, from, to);
    if (this.#state.drops.acknowledge(epoch, ranges)) this.#saveDrops();
    this.#reap();
  }

  /** Records from `position` on, up to `before` of this epoch, that are neither settled nor under way. */
  read(position: Position, before: number, maxBytes: number): { records: readonly Kept[]; next: Position | null } {
    const records: Kept[] = [];
    let bytes = 0;
    for (const segment of this.#segments) {
      const { epoch, firstSeq } = segment.name;
      if (epoch < position.epoch || (epoch === position.epoch && segment.lastSeq < position.seq)) continue;
      if (epoch === this.epoch && firstSeq >= before) break;
      if (this.#standing.isDone(segment)) continue;
      const reader = new SegmentReader(this.#folder, segment.name);
      try {
        for (const entry of this.#entries(segment)) {
          const early = epoch === position.epoch && entry.seq < position.seq;
          if (early || (epoch === this.epoch && entry.seq >= before) || !this.#standing.isWanted(epoch, entry.seq))
            continue;
          if (bytes + entry.length > maxBytes && records.length > 0)
            return { records, next: { epoch, seq: entry.seq } };
          const frame = reader.read(entry);
          if (frame.state === 'whole')
            records.push({ epoch, seq: entry.seq, json: this.#dated(epoch, entry.seq, frame.json) });
          else this.#lose([lostRecord(epoch, entry, 'corrupt', true)]);
          bytes += entry.length;
        }
      } finally {
        reader.close();
      }
    }
    return { records, next: null };
  }

  /** All losses that the server has not confirmed. */
  drops(): readonly ReportedDrop[] {
    return this.#state.drops.report();
  }

  status(): SpoolStatus {
    const records = this.#segments.reduce((sum, segment) => sum + this.#standing.open(segment), this.#waiting.length);
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, this.#waiting.bytes);
    return {
      records,
      bytes,
      oldestAt: this.#oldestAt(),
      dropped: this.#state.drops.total,
    };
  }

  #oldestAt(): number | null {
    const segment = this.#segments.find((one) => !this.#standing.isDone(one));
    const [first] = segment === undefined ? [] : this.#standing.missing(segment);
    if (segment === undefined || first === undefined) return this.#waiting.first?.from ?? null;
    const { epoch } = segment.name;
    return this.#oldest.at(segment, first[0]) + (this.#state.lines.of(epoch, first[0])?.shiftMs ?? 0);
  }

  /** Writes what it can, saves the cursors and closes the files. Counts records that the disk still refuses as dropped. */
  close(nowMs: number): void {
    this.#write();
    this.#giveUp(this.#waiting.length);
    this.#state.markAlive(nowMs);
    this.#writer?.close();
    this.#writer = null;
    this.#reap();
    this.#state.close();
  }

  #write(): void {
    while (this.#waiting.length > 0) {
      try {
        this.#writeGroup();
      } catch (error) {
        this.#failed(error);
        return;
      }
    }
    if (this.#failing !== null) this.#events.warn('the disk takes records again');
    this.#failing = null;
  }

  /** Writes the oldest records up to the first that has no room in the format, which is set aside. */
  #writeGroup(): void {
    const group = this.#waiting.group(this.#limits.segmentBytes);
    const unfit = group.findIndex((record) => unwritable(record) !== null);
    const fit = unfit < 0 ? group : group.slice(0, unfit);
    if (fit.length > 0) {
      const writer = this.#ensureWriter();
      writer.append(fit);
      this.#wrote(writer, fit);
    }
    const aside = unfit < 0 ? undefined : group[unfit];
    if (aside !== undefined) this.#setAside(aside);
  }

  /** Counts the oldest waiting record as dropped. The next one begins a new segment, so that none has a hole. */
  #setAside(record: Appended): void {
    this.#rotate();
    this.#unwritable.say(
      `a record of check ${record.check} cannot be written (${unwritable(record)}): such records are dropped and counted, all others are kept`,
    );
    this.#dropWaiting(1, 'unwritable');
  }

  #ensureWriter(): SegmentWriter {
    if (this.#writer !== null && this.#writer.bytes >= this.#limits.segmentBytes) this.#rotate();
    if (this.#writer !== null) return this.#writer;
    const full = this.#segments.length > 1 && freeBytes(this.#folder) < this.#limits.minFreeBytes;
    if (full) this.#dropOldest('disk_full');
    const firstSeq = this.#waiting.first?.seq ?? 0;
    this.#writer = new SegmentWriter(this.#folder, { epoch: this.epoch, firstSeq });
    return this.#writer;
  }

  #rotate(): void {
    this.#writer?.close();
    this.#writer = null;
  }

  #wrote(writer: SegmentWriter, group: readonly Appended[]): void {
    this.#waiting.take(group.length);
    const first = group[0] as Appended;
    const last = group.at(-1) as Appended;
    let segment = this.#segments.find(({ name }) => name === writer.name);
    if (segment === undefined) {
      segment = { name: writer.name, lastSeq: last.seq, bytes: 0, firstAt: first.from, lastAt: first.to };
      this.#segments.push(segment);
    }
    segment.lastSeq = last.seq;
    segment.bytes = writer.bytes;
    for (const { seq, check, target, to } of group) {
      const dated = this.#state.lines.of(this.epoch, seq);
      if (dated !== null) this.#state.cursors.advance(check, target, to + dated.shiftMs);
      if (to > segment.lastAt) segment.lastAt = to;
    }
    this.#events.kept(first.seq, last.seq);
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (this.#writer !== null && this.#writer.bytes === 0) this.#discardEmpty(this.#writer);
    this.#rotate();
    if (this.#failing === null)
      this.#events.warn(
        `${isOfDisk(error) ? 'the disk' : 'the spool'} takes no records (${why}): the newest wait in memory; ${adviceFor(error, this.#folder)}`,
      );
    this.#failing = why;
  }

  #discardEmpty(writer: SegmentWriter): void {
    unlinkRecords(this.#folder, writer.name);
    unlinkIndex(this.#folder, writer.name);
  }

  /** Counts the oldest waiting records as dropped, since the disk does not take them. */
  #giveUp(count: number): void {
    this.#dropWaiting(count, 'disk_full');
  }

  #dropWaiting(count: number, reason: DropReason): void {
    const first = this.#waiting.first;
    if (first === undefined || count === 0) return;
    const gone = this.#waiting.take(count);
    this.#lose(gone.map((one) => ({ epoch: this.epoch, seq: one.seq, reason, owner: one, uncertain: false })));
    this.#events.lost(first.seq, gone.at(-1)?.seq ?? first.seq);
  }

  /** Counts losses durably, then marks them as settled. */
  #lose(records: readonly LostRecord[]): void {
    if (records.length === 0) return;
    const dated = records.map((record) => this.#datedLoss(record));
    this.#state.drops.add(dated);
    this.#saveDrops();
    for (const { epoch, seq, owner } of dated) {
      this.#standing.settle(epoch, seq);
      if (owner !== null) this.#state.cursors.advance(owner.check, owner.target, owner.to);
    }
  }

  #saveDrops(): void {
    this.#state.drops.save();
  }

  #bound(leastMs: number | null): void {
    while (this.#bytes() > this.#limits.maxBytes && this.#segments.length > 0) this.#dropOldest('spool_bytes');
    if (leastMs === null) return;
    const isOld = ({ name, lastSeq, lastAt }: Segment) => {
      const dated = this.#state.lines.of(name.epoch, lastSeq);
      return dated !== null && lastAt + dated.shiftMs < leastMs - this.#limits.maxAgeMs;
    };
    const [first] = this.#segments;
    if (first === undefined || !isOld(first)) this.#oldSinceMs = null;
    else this.#oldSinceMs ??= performance.now();
    if (this.#oldSinceMs === null || performance.now() - this.#oldSinceMs < this.#limits.heldMs) return;
    for (let oldest = this.#segments[0]; oldest !== undefined && isOld(oldest); oldest = this.#segments[0])
      this.#dropOldest('spool_age');
  }

  /** The latest instant of an epoch's records as dated, epoch ms. null: none is left. */
  #latestOf(epoch: number): number | null {
    const ofEpoch = this.#segments.filter(({ name }) => name.epoch === epoch).map(({ lastAt }) => lastAt);
    return ofEpoch.length === 0 ? null : Math.max(...ofEpoch);
  }

  #dated(epoch: number, seq: number, json: string): string {
    const dated = this.#state.lines.of(epoch, seq);
    return dated === null || this.#state.lines.isEmpty ? json : redatedJson(json, dated);
  }

  /** What is lost before its date is known is counted as it was dated. */
  #datedLoss(record: LostRecord): LostRecord {
    const shiftMs = this.#state.lines.of(record.epoch, record.seq)?.shiftMs ?? 0;
    if (shiftMs === 0 || record.owner === null) return record;
    const { owner } = record;
    return { ...record, owner: { ...owner, from: owner.from + shiftMs, to: owner.to + shiftMs } };
  }

  #pruneLines(): void {
    this.#state.lines.prune((epoch) => epoch === this.epoch || this.#segments.some(({ name }) => name.epoch === epoch));
  }

  /** The first and the last record of an epoch that is in a segment or waits. */
  #heldOf(epoch: number): readonly [number, number] | null {
    const segments = this.#segments.filter(({ name }) => name.epoch === epoch);
    const isCurrent = epoch === this.epoch;
    const first = segments[0]?.name.firstSeq ?? (isCurrent ? (this.#waiting.first?.seq ?? this.#lastSeq + 1) : null);
    return first === null ? null : [first, isCurrent ? this.#lastSeq : (segments.at(-1)?.lastSeq ?? first)];
  }

  #bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #dropOldest(reason: DropReason): void {
    const oldest = this.#segments[0];
    if (oldest === undefined) return;
    const { epoch } = oldest.name;
    const open = this.#entries(oldest).filter(({ seq }) => !this.#standing.isSettled(epoch, seq));
    this.#lose(open.map((entry) => lostRecord(epoch, entry, reason, this.#standing.isUncertain(epoch, entry.seq))));
    this.#standing.settle(epoch, oldest.name.firstSeq, Math.max(oldest.lastSeq, oldest.name.firstSeq));
    if (this.#writer?.name === oldest.name) this.#rotate();
    this.#reap();
  }

  /** Unlinks segments without unsettled records. An index stays until its cursors are saved. */
  #reap(): void {
    const done = this.#segments.filter((segment) => this.#standing.isDone(segment) && this.#closed(segment));
    for (const { name } of done) {
      unlinkRecords(this.#folder, name);
      this.#orphans.push(name);
    }
    if (done.length > 0) {
      this.#segments = this.#segments.filter((segment) => !done.includes(segment));
      this.#standing.prune();
      this.#pruneLines();
    }
    if (this.#orphans.length === 0) return;
    try {
      this.#state.saveCursors();
      for (const name of this.#orphans) unlinkIndex(this.#folder, name);
      this.#orphans = [];
      syncFolder(this.#folder);
    } catch (error) {
      this.#events.warn(
        `the cursors could not be saved (${error instanceof Error ? error.message : error}); they are kept in the index files`,
      );
    }
  }

  /** A segment that is being written counts as closed once it is worth replacing. */
  #closed({ name, bytes }: Segment): boolean {
    if (this.#writer?.name !== name) return true;
    if (bytes < this.#limits.segmentBytes / 4) return false;
    this.#rotate();
    return true;
  }

  /** What the index holds of a segment. Records that should be there and are not are counted as lost. */
  #entries(segment: Segment): readonly IndexEntry[] {
    const { name, lastSeq } = segment;
    const cached = this.#cached;
    if (cached !== null && cached.name === name && cached.lastSeq === lastSeq) return cached.entries;
    const content = readSegment(this.#folder, name);
    this.#cached = { name, entries: content.entries, lastSeq };
    if (content.entries.length > lastSeq - name.firstSeq) return content.entries;
    const lost = unreadable(name.epoch, content, this.#standing.missing(segment));
    if (lost.length > 0) this.#events.warn(damaged(lost.length));
    this.#lose(lost);
    return content.entries;
  }
}

const damaged = (count: number): string => `the spool held ${count} damaged records: they are counted as dropped`;
