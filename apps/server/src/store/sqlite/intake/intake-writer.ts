import type { Drop, MissedRecord, RunRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import type { Origin } from '../../result-store.ts';
import { opening } from '../../store-error.ts';
import { Acceptance } from '../accept/acceptance.ts';
import type { Plans } from '../accept/plans.ts';
import { type Refusal, refusalOf } from '../accept/refusal.ts';
import { RefusalTable } from '../accept/refusal-table.ts';
import { RepeatedTable } from '../accept/repeated-table.ts';
import { StoredInstantsReader } from '../accept/stored-instants.ts';
import { UnplannedTable } from '../accept/unplanned-table.ts';
import { dayOf } from '../blocks/chunks.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { LogBatch } from '../codec/log-batch.ts';
import { isRepeated } from '../codec/row.ts';
import { DamageNotes } from '../damage/damaged.ts';
import { foldedThrough } from '../results-database.ts';
import { type NumberedItem, readFrame } from '../validate/frame.ts';
import { UnknownWordTable } from '../validate/unknown-words.ts';
import type { Vocabulary } from '../validate/vocabulary.ts';
import { AgentLayouts } from './agent-layouts.ts';
import { ArrivalTable } from './arrival-table.ts';
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
  /** The present at most, by the server's clock or the agent's, epoch ms; absent: not restricted. */
  readonly latestMs?: number;
  /** The present by the server's clock, epoch ms; absent: not restricted. */
  readonly presentMs?: number;
}

/** What became of a frame, in terms of sequences. */
export interface FrameOut {
  readonly stored: readonly (readonly [number, number])[];
  /** Records that can never be stored: the first ones of the frame, with the reason in words. */
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
  /** The others that can never be stored. */
  readonly alsoRefused: readonly (readonly [number, number])[];
  /** How many records are refused in all. */
  readonly refusedCount: number;
  /** New results. */
  readonly fresh: readonly (readonly [number, number])[];
  /** New records of missed runs. */
  readonly missed: readonly MissedRecord[];
  readonly malformed?: string;
}

/** Refused records of one frame that are answered one by one, with their reasons. */
const MOST_EXPLAINED = 16;
/** An honest agent's records are settled almost in order: more gaps than this in one life's numbers are an attack. */
const MOST_GAPS = 10_000;
const NOTHING = { stored: [], refused: [], alsoRefused: [], refusedCount: 0, fresh: [], missed: [] } as const;

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
  readonly #agentLayouts: AgentLayouts;
  readonly #batch: LogBatch;
  readonly #probeOf = new Map<number, string>();
  readonly #appendLog;
  readonly #acceptance: Acceptance;
  readonly #refusals: RefusalTable;
  readonly #repeated: RepeatedTable;
  readonly #unplanned: UnplannedTable;
  readonly #arrivals: ArrivalTable;
  #nextLog: number;

  /** @param plans null: no plan restricts what agents send. */
  constructor(db: Database, results: Database, words: Vocabulary, plans: Plans | null) {
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
    this.#refusals = new RefusalTable(db);
    this.#repeated = new RepeatedTable(db);
    this.#unplanned = new UnplannedTable(db);
    const stored = new StoredInstantsReader(db, results);
    this.#acceptance = new Acceptance(plans, words, this.#probeOf, this.#repeated, stored);
    this.#layouts = new LayoutBook(layoutTable(db));
    this.#agentLayouts = new AgentLayouts(db, this.#layouts);
    this.#batch = new LogBatch(this.#layouts);
    this.#appendLog = logAppender(db);
    this.#arrivals = new ArrivalTable(db);
    const last = db.prepare('SELECT max(id) FROM log').pluck().get() as number | null;
    this.#nextLog =
      Math.max(
        last ?? 0,
        opening(results.name, () => foldedThrough(results)),
      ) + 1;
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

  addChecks(checks: readonly { readonly check: number; readonly probe: string }[]): void {
    for (const { check, probe } of checks) this.#probeOf.set(check, probe);
  }

  dropChecks(checks: readonly number[]): void {
    for (const check of checks) this.#probeOf.delete(check);
    this.#acceptance.dropChecks(checks);
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
      this.#acceptance.forget();
      throw error;
    }
  }

  /** What is remembered of the database may no longer be true. */
  forgetCaches(): void {
    this.#batch.clear();
    this.#received.clear();
    this.#refusals.clear();
    this.#repeated.clear();
    this.#unplanned.clear();
    this.#series.clear();
    this.#details.clear();
    this.#layouts.clear();
    this.#agentLayouts.clear();
    this.#unknownWords.clear();
  }

  #flush(receivedMs: number): void {
    this.#writeLog(receivedMs);
    this.#received.flush();
    this.#refusals.flush();
    this.#repeated.flush();
    this.#unplanned.flush();
  }

  #writeLog(receivedMs: number): void {
    const rows = this.#batch.rows;
    if (rows === 0) return;
    const { fromMs, toMs } = this.#batch.span;
    this.#appendLog({ id: this.#nextLog, receivedMs, rows, fromMs, toMs, data: this.#batch.take() });
    this.#nextLog += 1;
    this.#arrivals.add(receivedMs, rows);
  }

  #take(frameIn: FrameIn): FrameOut {
    const { origin, frame } = frameIn;
    const read = readFrame(frame, origin.epoch, this.#words, this.#unknownWords.of(origin.agent));
    if (read.type === 'malformed') return { ...NOTHING, malformed: read.reason };
    if (this.#received.of(origin).list.length > MOST_GAPS)
      return { ...NOTHING, malformed: `seq: the numbers of epoch ${origin.epoch} have more than ${MOST_GAPS} gaps` };
    return read.type === 'records' ? this.#takeRecords(frameIn, read.items) : this.#takeDrops(frameIn, read.drops);
  }

  #takeRecords(
    { origin, receivedMs, latestMs = Number.MAX_SAFE_INTEGER, presentMs = Number.MAX_SAFE_INTEGER - 1 }: FrameIn,
    items: readonly NumberedItem[],
  ): FrameOut {
    const settled = this.#received.of(origin);
    const unknown = this.#unknownWords.of(origin.agent);
    const layoutFault = (record: RunRecord) => this.#agentLayouts.fault(origin.agent, record);
    const stored = new SeqRanges();
    const fresh = new SeqRanges();
    const refused = new RefusedRecords();
    const missed: MissedRecord[] = [];
    const refuse = (seq: number, refusal: Refusal, runs = 1) => {
      this.#refusals.add(origin.agent, refusal, receivedMs, runs);
      refused.add(seq, refusal.because);
    };
    const wasEmpty = settled.list.length === 0;
    for (const { seq, fields } of items) {
      if (settled.has(seq)) {
        if (!refused.has(seq)) stored.add(seq);
        continue;
      }
      const decision = this.#acceptance.record(origin.agent, fields, { latestMs, presentMs, unknown, layoutFault });
      if (decision.kind === 'refused') refuse(seq, decision.refusal);
      else if (decision.kind === 'unplanned') {
        if (this.#unplanned.add(origin, fields, receivedMs)) stored.add(seq);
        else refuse(seq, refusalOf('unplanned_full', { ...named(fields), at: 0 }));
      } else {
        stored.add(seq);
        if (decision.kind === 'missed') {
          for (const part of decision.parts) this.#losses.addMissed(origin.agent, part);
          missed.push(...decision.parts);
          if (decision.excess > 0)
            this.#refusals.add(
              origin.agent,
              refusalOf('ended', { ...named(fields), at: Number(fields.to) }),
              receivedMs,
              decision.excess,
            );
        } else {
          const record = fields as unknown as RunRecord;
          if (decision.lostEveryMs !== null) this.#takeBackLoss(origin.agent, record, decision.lostEveryMs);
          this.#takeRun(origin, flagged(record, decision.repeated), receivedMs);
          fresh.add(seq);
        }
      }
      settled.add(seq);
    }
    // Invented epochs cost no row: an epoch is written down with its first record that is kept.
    if (!wasEmpty || stored.list.length > 0) this.#received.touch(settled, origin);
    return { stored: stored.list, ...refused.report(), fresh: fresh.list, missed };
  }

  /** The instant has a result now. */
  #takeBackLoss(agent: number, { check, target, at }: RunRecord, intervalMs: number): void {
    if (!this.#losses.takeBack({ agent, check, target, intervalMs }, at))
      this.#refusals.takeBack(agent, check, target, at);
  }

  #takeRun(origin: Origin, record: RunRecord, receivedMs: number): void {
    const series = this.#series.idOf(origin.agent, record.check, record.target);
    const detail =
      record.detail === undefined
        ? 0
        : this.#details.idOf(series, record.detail, dayOf(Math.max(record.at, receivedMs)));
    if (isRepeated(record)) this.#repeated.add(origin.agent, record.check, record.target);
    this.#batch.add(series, { epoch: origin.epoch, record, detail });
  }

  #takeDrops({ origin, receivedMs, latestMs = Number.MAX_SAFE_INTEGER }: FrameIn, drops: readonly Drop[]): FrameOut {
    const settled = this.#received.of(origin);
    const stored = new SeqRanges();
    for (const drop of drops) {
      stored.add(drop.fromSeq, drop.toSeq);
      const overlap = settled.within(drop.fromSeq, drop.toSeq);
      const isNew = overlap.length !== 1 || overlap[0]?.[0] !== drop.fromSeq || overlap[0]?.[1] !== drop.toSeq;
      if (!isNew) continue;
      const arrived = overlap.length === 0 ? new Map<string, number>() : this.#arrived(origin, overlap, receivedMs);
      const decision = this.#acceptance.drop(origin.agent, drop, latestMs, arrived);
      this.#losses.addDrop(origin.agent, { ...decision, reason: drop.reason }, unnamed(drop, arrived), receivedMs);
      for (const { refusal, runs } of decision.refused) this.#refusals.add(origin.agent, refusal, receivedMs, runs);
      settled.add(drop.fromSeq, drop.toSeq);
    }
    this.#received.touch(settled, origin);
    return { ...NOTHING, stored: stored.list };
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

/** The record with the flag `repeated` where the store says so. null: as the agent says. */
function flagged(record: RunRecord, repeated: boolean | null): RunRecord {
  if (repeated === null || repeated === isRepeated(record)) return record;
  const { flags = [], ...rest } = record;
  const others = flags.filter((flag) => flag !== 'repeated');
  if (repeated) return { ...rest, flags: [...others, 'repeated'] };
  return others.length === 0 ? rest : { ...rest, flags: others };
}

/** How many results of a drop's records are stored after all, where the drop does not name the runs. */
const unnamed = ({ runs }: Drop, arrived: ReadonlyMap<string, number>): number =>
  runs.length > 0 ? 0 : [...arrived.values()].reduce((sum, count) => sum + count, 0);

const named = ({ check, target }: NumberedItem['fields']): { check: number; target: number } => ({
  check: Number(check),
  target: Number(target),
});

/** The refused records of one frame. */
class RefusedRecords {
  readonly #explained: { seq: number; reason: string }[] = [];
  readonly #others = new SeqRanges();
  #count = 0;

  add(seq: number, reason: string): void {
    this.#count += 1;
    if (this.#explained.length < MOST_EXPLAINED) this.#explained.push({ seq, reason });
    else this.#others.add(seq);
  }

  has(seq: number): boolean {
    return this.#others.has(seq) || this.#explained.some((one) => one.seq === seq);
  }

  report(): Pick<FrameOut, 'refused' | 'alsoRefused' | 'refusedCount'> {
    return { refused: this.#explained, alsoRefused: this.#others.list, refusedCount: this.#count };
  }
}
