import type { Verdict } from '@netsonde/probes/catalog';
import type { DropReason, MissedReason, MissedRecord, RefusedReason, RunRecord } from '@netsonde/protocol';

/** The agent and the time of its life that records come from: with `seq` they name a record once and for all. */
export interface Origin {
  readonly agent: number;
  readonly epoch: number;
}

/** Records as one frame brought them: raw JSON of `items` or `drops`, parsed and validated by the store's writer thread. */
export interface Intake {
  readonly origin: Origin;
  /** The whole frame as received: a `records` or `drops` message. */
  readonly frame: Uint8Array;
  /** Server's time of receipt, epoch ms. */
  readonly receivedMs: number;
  /**
   * The present at most, by the server's clock or the agent's, epoch ms: a later instant lies in the future. Absent: not
   * restricted.
   */
  readonly latestMs?: number;
}

/** What became of one frame, told only after its transaction is durable. */
export interface IntakeReport {
  readonly origin: Origin;
  /** Sequence ranges of this frame that are stored now (or were before): what to acknowledge. */
  readonly stored: readonly (readonly [number, number])[];
  /** The first of the records that can never be stored, with what is wrong. They count as received. */
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
  /** The others that can never be stored, by sequence. */
  readonly alsoRefused: readonly (readonly [number, number])[];
  /** How many records are refused in all. */
  readonly refusedCount: number;
  /** New results among them, for the live stream and the rules; duplicates are not in here. Read from the frame at the first look. */
  readonly results: readonly RunRecord[];
  /** How many `results` there are, without reading them. */
  readonly resultCount: number;
  /** New records of missed runs among them. */
  readonly missed: readonly MissedRecord[];
  /** The frame as a whole could not be read: nothing of it was stored. */
  readonly malformed?: string;
}

/** A result that is stored. */
export interface StoredResult extends Origin {
  readonly record: RunRecord;
  /** The record had a detail that cannot be read any more, since the file is damaged. */
  readonly lacksDetail?: true;
}

export interface ResultFilter {
  readonly checks: readonly number[];
  readonly agent?: number;
  readonly target?: number;
  readonly verdict?: Verdict;
  /** Scheduled instant, epoch ms, [fromMs, toMs). */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface SeriesQuestion extends ResultFilter {
  /** A metric's id, or a samples id followed by `[]`: all observations of the runs. */
  readonly metric: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Most points per line. */
  readonly points: number;
  /** Percentiles (0 to 100) that each bucket is to tell, by nearest rank, within 1 %. */
  readonly percentiles?: readonly number[];
}

/** What a chart's points were made of: the results themselves, or rollups of them in buckets of this width. */
export type SeriesLevel = 'raw' | '5min' | '1h' | '1d';

/** For how many days each level is kept, by scheduled instant; null: for ever. */
export type Retention = Readonly<Record<SeriesLevel, number | null>>;

/** The lines of a chart, and what must be known to read them. */
export interface SeriesAnswer {
  /** Width of a bucket, ms; null: each point is one result. */
  readonly bucketMs: number | null;
  readonly level: SeriesLevel;
  /** What the window has before this instant was stored and is retired, as the ledger counts it; null where nothing of it is. */
  readonly retiredBeforeMs: number | null;
  /** How the answer was cut: of so many series, so many lines are told, of at most so many points. null: not at all. */
  readonly capped: { readonly series: number; readonly lines: number; readonly points: number } | null;
  readonly lines: readonly SeriesLine[];
}

/** One line of a chart: (agent, check, target, instance). */
export interface SeriesLine {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly instance: string;
  readonly at: readonly number[];
  readonly value: readonly (number | null)[];
  readonly min?: readonly (number | null)[];
  readonly max?: readonly (number | null)[];
  readonly verdict: readonly Verdict[];
  readonly absent: Readonly<Record<string, number>>;
  /** Where some of its points come from a coarser level than the answer says: the runs are too far apart for that one. */
  readonly level?: SeriesLevel;
  /** Of each bucket, where they were asked for; null where there are no values, or the metric keeps no sketch. */
  readonly percentiles?: readonly { readonly percentile: number; readonly value: readonly (number | null)[] }[];
}

/**
 * What the ledger knows of one (agent, check, target) in a window, by scheduled instant; runs flagged `repeated` count
 * nowhere, since their instants are told already. Check 0 and target 0 stand for
 * drops whose records the agent could no longer read: they are counted at the time of receipt.
 */
export interface LedgerCounts {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly stored: number;
  /** Of `stored`, how many are past their retention, deleted already or not yet; left out where none. */
  readonly retired?: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly missed: Readonly<Partial<Record<MissedReason, number>>>;
  /** Planned runs whose records were refused. */
  readonly refused: Readonly<Partial<Record<RefusedReason, number>>>;
}

/** What of one agent is refused or kept apart, since its enrolment. */
export interface AgentRefusals {
  readonly agent: number;
  readonly refused: Readonly<Partial<Record<RefusedReason, number>>>;
  /** Records of checks that this server never made, and when they were received; null: none. */
  readonly unplanned: {
    readonly records: number;
    readonly bytes: number;
    readonly firstMs: number;
    readonly lastMs: number;
  } | null;
}

/** Refused runs of one agent by what their records name; check 0 and target 0: the rest. Times of receipt, epoch ms. */
export interface RefusedSeries {
  readonly check: number;
  readonly target: number;
  readonly reason: RefusedReason;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Some of an agent's unplanned records, as they arrived. `next`: where to go on; null: that was all. */
export interface UnplannedPage {
  readonly frames: readonly {
    readonly epoch: number;
    readonly receivedMs: number;
    readonly records: readonly unknown[];
  }[];
  readonly next: number | null;
}

/** Asks how the series of one check are at an instant. */
export interface VerdictQuestion {
  readonly check: number;
  /** Epoch ms. */
  readonly atMs: number;
  /** Age of a newest result from which on it no longer counts, ms: see `notHeardAfter`. */
  readonly notHeardAfterMs: number;
  /** Agents and targets that the check is due for: others are left out once they are not heard of. null: all. */
  readonly agents: readonly number[] | null;
  readonly targets: readonly number[] | null;
  /** Clocks of agents minus the server's, ms, by agent; those that are left out are as good as right. */
  readonly clockOffsets: ReadonlyMap<number, number>;
}

export interface VerdictCounts {
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  readonly unknown: number;
}

/** Results that a damaged file keeps from an answer. */
export interface Damaged {
  /** At most so many results are missing from the answer; null: nobody can tell how many. */
  readonly resultsAtMost: number | null;
  /** Details that cannot be read: their results are shown without them. */
  readonly details: number;
}

/** Results that are asked about: left out, it stands for any. */
export type DamageFilter = Partial<Pick<ResultFilter, 'checks' | 'agent' | 'target' | 'fromMs' | 'toMs'>>;

/** What was found damaged in one table of one file. */
export interface StoreDamage {
  readonly file: string;
  readonly table: string;
  /** Rows, blocks or stretches of pages. */
  readonly places: number;
  /** At most so many results cannot be read for it; null: nobody can tell how many. */
  readonly resultsAtMost: number | null;
}

/** Something that the background did with what is stored. */
export interface StoreUpkeep {
  readonly work: 'fold' | 'merge' | 'retire' | 'compact';
  /** Results that became blocks. */
  readonly folded: number;
  /** Steps of merging or retiring. */
  readonly steps: number;
  /** Whether there is more to do of the same. */
  readonly more: boolean;
  readonly ms: number;
}

/** Who asks, and until when the answer is of use. */
export interface Asker {
  /** Callers take turns, and each has bounds of its own. null: the server itself, without bounds. */
  readonly caller: string | null;
  /** Aborted once the caller has left: a question that has not begun is not asked. */
  readonly signal?: AbortSignal;
}

/** Names one result. */
export interface ResultName extends Origin {
  readonly seq: number;
  /** Its scheduled instant, epoch ms, where that is known: it spares looking elsewhere. */
  readonly atMs?: number;
}

/** Questions about what is stored. @throws StoreError `busy` where a caller has too many under way */
export interface StoreQuestions {
  series(question: SeriesQuestion): Promise<SeriesAnswer>;
  /** Newest first; at most `limit`. */
  results(filter: ResultFilter, limit: number): Promise<readonly StoredResult[]>;
  /** The result of a name; null where none is stored, or it is past its retention. */
  result(name: ResultName): Promise<StoredResult | null>;
  /** Oldest first, in pages, for exports. */
  scan(filter: ResultFilter): AsyncIterable<readonly StoredResult[]>;
  /** The newest result of each (agent, check, target) of these checks; all checks where none are named. */
  latest(checks?: readonly number[]): Promise<readonly StoredResult[]>;
  ledger(filter: {
    readonly agent?: number;
    readonly checks?: readonly number[];
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<readonly LedgerCounts[]>;
  /** Of all agents, or of one. */
  refusals(agent?: number): Promise<readonly AgentRefusals[]>;
  /** At most `limit`, most refused first. */
  refusedSeries(agent: number, limit: number): Promise<readonly RefusedSeries[]>;
  /** At most `limit` frames after the page before, which ended at `after`; 0: from the beginning. */
  unplanned(agent: number, after: number, limit: number): Promise<UnplannedPage>;
  /** Verdicts of all series that have a result, those not heard of as `unknown`. */
  verdictCounts(questions: readonly VerdictQuestion[]): Promise<VerdictCounts>;
  /** Results committed in the last `windowMs`. */
  storedSince(fromMs: number): Promise<number>;
}

/** Where results are kept. Both engines pass the same conformance suite. Every method is safe to call at any time until close. */
export interface ResultStore extends StoreQuestions {
  /** Validates, deduplicates and commits; resolves after the commit is durable. Calls made together share a transaction. */
  ingest(intake: Intake): Promise<IntakeReport>;
  /** What is known so far to be missing from answers to this filter, since a file is damaged; null: nothing. Ask it after the answer. */
  damaged(filter: DamageFilter): Damaged | null;
  /** All damage that is known so far. */
  damage(): readonly StoreDamage[];
  /** When all files were last looked through for damage, epoch ms; null: not yet since the store was opened. */
  readonly checkedMs: number | null;
  /** Looks through all files for damage now: the background does so daily, at a slow pace. */
  checkFiles(): Promise<void>;
  /** Resolves while what `ingest` writes would be kept. @throws StoreError that says what to do */
  writable(): Promise<void>;
  /** Which sequences of each of the agent's epochs are settled: stored, refused or declared dropped. */
  received(
    agent: number,
  ): Promise<readonly { readonly epoch: number; readonly ranges: readonly (readonly [number, number])[] }[]>;
  /** Asks in the name of a caller, who has bounds and a turn; without it the server itself asks. */
  askedBy(asker: Asker): StoreQuestions;
  /** Deletes an agent's unplanned records; it may send as many again. */
  forgetUnplanned(agent: number): Promise<void>;
  /** Checks that exist: a record of any other is refused ("no such check"). Durable with the results. */
  setChecks(checks: readonly { readonly check: number; readonly probe: string }[]): Promise<void>;
  /** The spans of these agents have changed in the configuration database: what arrives from now on is judged by them. */
  planChanged(agents: readonly number[]): void;
  /** Forgets all results of these checks. */
  forget(checks: readonly number[]): Promise<void>;
  /** Folds and merges everything that can be, and gives the room back: what the background does in its own time. */
  compact(): Promise<void>;
  /** Deletes what is older than the retention allows at this time (epoch ms): the background does so each hour. */
  retire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
