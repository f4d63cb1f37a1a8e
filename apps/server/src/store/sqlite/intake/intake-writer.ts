import type { Drop, MissedRecord, RunRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import type { Origin } from '../../result-store.ts';
import { dayOf } from '../blocks/chunks.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { LogBatch } from '../codec/log-batch.ts';
import { DamageNotes } from '../damage/damaged.ts';
import { foldedThrough } from '../results-database.ts';
import { type NumberedItem, readFrame } from '../validate/frame.ts';
import { missedFault } from '../validate/loss-record.ts';
import { runFault } from '../validate/run-record.ts';
import { type UnknownWords, UnknownWordTable } from '../validate/unknown-words.ts';
import type { Vocabulary } from '../validate/vocabulary.ts';
import { DetailTable } from './detail-table.ts';
import { layoutTable } from './layout-table.ts';
import { logAppender } from './log-table.ts';
import { LossTable } from './loss-table.ts';
import { ReceivedTable } from './received-table.ts';
import { SeqRanges } from './seq-ranges.ts';
import { SeriesTable } from './series-table.ts';
import { storedAmong } from './stored-among.ts';
import { storedSequences } from './stored-sequences.ts';

/** A frame as the main thread hands it over. */
export interface FrameIn {
  readonly origin: Origin;
  readonly frame: Uint8Array;
  readonly receivedMs: number;
}

/** What became of a frame, in terms of sequences. */
export interface FrameOut {
  readonly stored: readonly (readonly [number, number])[];
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
  /** New results. */
  readonly fresh: readonly (readonly [number, number])[];
  /** New records of missed runs. */
  readonly missed: readonly MissedRecord[];
  readonly malformed?: string;
}

const ARRIVALS_KEPT_S = 2 * 3600;

/** Takes frames in: one transaction per call of `commit`. Lives in the writer's thread. */
export class IntakeWriter {
  /** What it met damaged. */
  readonly notes = new DamageNotes();
  readonly #db: Database;
  readonly #results: Database;
  readonly #words: Vocabulary;
  readonly #unknownWords: UnknownWordTable;
  readonly #series: SeriesTable;
  readonly #details: DetailTable;
  readonly #received: ReceivedTable;
  readonly #losses: LossTable;
  readonly #layouts: LayoutBook;
  readonly #batch: LogBatch;
  readonly #probeOf = new Map<number, string>();
  readonly #appendLog;
  readonly #countArrivals;
  readonly #forgetArrivals;
  #nextLog: number;

  constructor(db: Database, results: Database, words: Vocabulary) {
    this.#db = db;
    this.#results = results;
    this.#words = words;
    this.#unknownWords = new UnknownWordTable(db);
    this.#series = new SeriesTable(db);
    this.#details = new DetailTable(db);
    this.#received = new ReceivedTable(db, {
      notes: this.notes,
      stored: (agent) => storedSequences(db, results, agent),
    });
    this.#losses = new LossTable(db);
    this.#layouts = new LayoutBook(layoutTable(db));
    this.#batch = new LogBatch(this.#layouts);
    this.#appendLog = logAppender(db);
    this.#countArrivals = db.prepare(
      'INSERT INTO arrival VALUES (?, ?) ON CONFLICT (second) DO UPDATE SET count = count + excluded.count',
    );
    this.#forgetArrivals = db.prepare('DELETE FROM arrival WHERE second < ?');
    const last = db.prepare('SELECT max(id) FROM log').pluck().get() as number | null;
    this.#nextLog = Math.max(last ?? 0, foldedThrough(results)) + 1;
    this.readChecks();
  }

  readChecks(): void {
    this.#probeOf.clear();
    const rows = this.#db.prepare('SELECT check_id, probe FROM known_check').all() as {
      check_id: number;
      probe: string;
    }[];
    for (const { check_id, probe } of rows) this.#probeOf.set(check_id, probe);
  }

  received(agent: number): ReturnType<ReceivedTable['all']> {
    return this.#received.all(agent);
  }

  /** All of these frames in one durable transaction; when it fails, none of them left a trace. */
  commit(frames: readonly FrameIn[]): readonly FrameOut[] {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const reports = frames.map((frame) => this.#take(frame));
      this.#flush(frames.at(-1)?.receivedMs ?? 0);
      this.#db.exec('COMMIT');
      return reports;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      this.forgetCaches();
      throw error;
    }
  }

  /** What is remembered of the database may no longer be true. */
  forgetCaches(): void {
    this.#batch.clear();
    this.#received.clear();
    this.#series.clear();
    this.#details.clear();
    this.#layouts.clear();
    this.#unknownWords.clear();
  }

  #flush(receivedMs: number): void {
    this.#writeLog(receivedMs);
    this.#received.flush();
  }

  #writeLog(receivedMs: number): void {
    const rows = this.#batch.rows;
    if (rows === 0) return;
    const { fromMs, toMs } = this.#batch.span;
    this.#appendLog({ id: this.#nextLog, receivedMs, rows, fromMs, toMs, data: this.#batch.take() });
    this.#nextLog += 1;
    const second = Math.floor(receivedMs / 1000);
    this.#countArrivals.run(second, rows);
    if (second % 60 === 0) this.#forgetArrivals.run(second - ARRIVALS_KEPT_S);
  }

  #take({ origin, frame, receivedMs }: FrameIn): FrameOut {
    const read = readFrame(frame, origin.epoch, this.#words, this.#unknownWords.of(origin.agent));
    if (read.type === 'malformed') return { stored: [], refused: [], fresh: [], missed: [], malformed: read.reason };
    return read.type === 'records'
      ? this.#takeRecords(origin, read.items, receivedMs)
      : this.#takeDrops(origin, read.drops, receivedMs);
  }

  #takeRecords(origin: Origin, items: readonly NumberedItem[], receivedMs: number): FrameOut {
    const settled = this.#received.of(origin);
    const unknown = this.#unknownWords.of(origin.agent);
    const stored = new SeqRanges();
    const fresh = new SeqRanges();
    const refused: { seq: number; reason: string }[] = [];
    const missed: MissedRecord[] = [];
    for (const item of items) {
      if (settled.has(item.seq)) {
        if (!refused.some(({ seq }) => seq === item.seq)) stored.add(item.seq);
        continue;
      }
      const reason = this.#faultOf(item, unknown);
      if (reason !== null) refused.push({ seq: item.seq, reason });
      else {
        stored.add(item.seq);
        if (item.fields.t === 'missed') missed.push(this.#takeMissed(origin, item.fields as unknown as MissedRecord));
        else {
          this.#takeRun(origin, item.fields as unknown as RunRecord, receivedMs);
          fresh.add(item.seq);
        }
      }
      settled.add(item.seq);
    }
    this.#received.touch(settled, origin);
    return { stored: stored.list, refused, fresh: fresh.list, missed };
  }

  #faultOf({ fields }: NumberedItem, unknown: UnknownWords): string | null {
    const kind = fields.t;
    if (kind !== 'run' && kind !== 'missed') return 't: must be run or missed';
    const probe = this.#probeOf.get(fields.check as number);
    const kinds = probe === undefined ? undefined : this.#words.probes.get(probe);
    const fault =
      kind === 'run' ? runFault(fields, this.#words, unknown, kinds) : missedFault(fields, this.#words, unknown);
    if (fault !== null || probe !== undefined) return fault;
    return `check: there is no check ${String(fields.check)} (its test was deleted or changed)`;
  }

  #takeMissed(origin: Origin, record: MissedRecord): MissedRecord {
    this.#losses.addMissed(origin.agent, record);
    return record;
  }

  #takeRun(origin: Origin, record: RunRecord, receivedMs: number): void {
    const series = this.#series.idOf(origin.agent, record.check, record.target);
    const detail =
      record.detail === undefined
        ? 0
        : this.#details.idOf(series, record.detail, dayOf(Math.max(record.at, receivedMs)));
    this.#batch.add(series, { epoch: origin.epoch, record, detail });
  }

  #takeDrops(origin: Origin, drops: readonly Drop[], receivedMs: number): FrameOut {
    const settled = this.#received.of(origin);
    const stored = new SeqRanges();
    for (const drop of drops) {
      stored.add(drop.fromSeq, drop.toSeq);
      const overlap = settled.within(drop.fromSeq, drop.toSeq);
      const isNew = overlap.length !== 1 || overlap[0]?.[0] !== drop.fromSeq || overlap[0]?.[1] !== drop.toSeq;
      if (!isNew) continue;
      const arrived = overlap.length === 0 ? new Map<string, number>() : this.#arrived(origin, overlap, receivedMs);
      this.#losses.addDrop(origin.agent, drop, arrived, receivedMs);
      settled.add(drop.fromSeq, drop.toSeq);
    }
    this.#received.touch(settled, origin);
    return { stored: stored.list, refused: [], fresh: [], missed: [] };
  }

  /** Stored results among these sequences; those of this very transaction are put into the log first. */
  #arrived(
    origin: Origin,
    ranges: readonly (readonly [number, number])[],
    receivedMs: number,
  ): ReadonlyMap<string, number> {
    this.#writeLog(receivedMs);
    return storedAmong(this.#db, this.#results, origin, ranges);
  }
}
