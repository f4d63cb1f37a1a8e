import type { Verdict } from '@netsonde/probes/catalog';
import type { DropReason, MissedReason, MissedRecord, RefusedReason, RunRecord } from '@netsonde/protocol';

/** The agent and epoch that records are from. Together with `seq` they identify a record. */
export interface Origin {
  readonly agent: number;
  readonly epoch: number;
}

/** One frame of records as received. The store's writer thread parses and validates it. */
export interface Intake {
  readonly origin: Origin;
  /** The whole frame as received: a `records` or `drops` message. */
  readonly frame: Uint8Array;
  /** Server's time of receipt, epoch ms. */
  readonly receivedMs: number;
  /**
   * Latest accepted instant, epoch ms: the present by the server's clock or the agent's, whichever is ahead. Absent: no
   * limit.
   */
  readonly latestMs?: number;
  /** The present by the server's clock alone, epoch ms: it bounds repeated runs. Absent: no limit. */
  readonly presentMs?: number;
}

/** The outcome of one frame, reported only after its transaction is durable. */
export interface IntakeReport {
  readonly origin: Origin;
  /** Sequence ranges of this frame to acknowledge: stored now or before. */
  readonly stored: readonly (readonly [number, number])[];
  /** The first records that can never be stored, with their faults. They count as received. */
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
  /** Sequences of the other records that can never be stored. */
  readonly alsoRefused: readonly (readonly [number, number])[];
  /** Total of refused records. */
  readonly refusedCount: number;
  /** New results, without duplicates, for the live stream and the rules. Parsed from the frame at the first access. */
  readonly results: readonly RunRecord[];
  /** Number of `results`, without parsing them. */
  readonly resultCount: number;
  /** Number of new records of missed runs. */
  readonly missed: readonly MissedRecord[];
  /** Fault of a frame that cannot be read as a whole. Nothing of it is stored. */
  readonly malformed?: string;
}

/** A result that is stored. */
export interface StoredResult extends Origin {
  readonly record: RunRecord;
  /** The record's detail cannot be read, since the file is damaged. */
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
  /** Percentiles (0 to 100) to return per bucket, by nearest rank, within 1 %. */
  readonly percentiles?: readonly number[];
}

/** Source of a chart's points: the results themselves, or rollups with buckets of this width. */
export type SeriesLevel = 'raw' | '5min' | '1h' | '1d';

/** Retention of each level by scheduled instant, days. null: for ever. */
export type Retention = Readonly<Record<SeriesLevel, number | null>>;

/** The lines of a chart, and how they were made. */
export interface SeriesAnswer {
  /** Width of a bucket, ms; null: each point is one result. */
  readonly bucketMs: number | null;
  readonly level: SeriesLevel;
  /** Results in the window before this instant are expired, as in the ledger. null: none are. */
  readonly retiredBeforeMs: number | null;
  /** How the answer was cut: returned lines, of all series, and most points per line. null: it was not cut. */
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
  /** Set if some points are from a coarser level than the answer's, since the runs are too far apart for that one. */
  readonly level?: SeriesLevel;
  /** Requested percentiles per bucket. null: no values, or the metric keeps no sketch. */
  readonly percentiles?: readonly { readonly percentile: number; readonly value: readonly (number | null)[] }[];
}

/**
 * Ledger counts of one (agent, check, target) in a window, by scheduled instant. Runs flagged `repeated` are not among
 * `stored`, since another run covers their instants. Check 0 and target 0 stand for drops whose records the agent could not read:
 * they are counted at the time of receipt.
 */
export interface LedgerCounts {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly stored: number;
  /** How many of `stored` are past their retention, whether deleted yet or not. Absent: none. */
  readonly retired?: number;
  /** Stored runs flagged `repeated`, beside `stored`. Absent: none. */
  readonly repeated?: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly missed: Readonly<Partial<Record<MissedReason, number>>>;
  /** Planned runs whose records were refused. */
  readonly refused: Readonly<Partial<Record<RefusedReason, number>>>;
}

/** Counts of one agent's refused and unplanned records since its enrolment. */
export interface AgentRefusals {
  readonly agent: number;
  readonly refused: Readonly<Partial<Record<RefusedReason, number>>>;
  /** Records of checks that this server never created, and when they were received. null: none. */
  readonly unplanned: {
    readonly records: number;
    readonly bytes: number;
    readonly firstMs: number;
    readonly lastMs: number;
  } | null;
}

/** Refused runs of one agent by check, target and reason. Check 0 and target 0: the rest. Times of receipt, epoch ms. */
export interface RefusedSeries {
  readonly check: number;
  readonly target: number;
  readonly reason: RefusedReason;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A page of an agent's unplanned records, as received. `next`: where the next page begins. null: this is the last. */
export interface UnplannedPage {
  readonly frames: readonly {
    readonly epoch: number;
    readonly receivedMs: number;
    readonly records: readonly unknown[];
  }[];
  readonly next: number | null;
}

/** Query for the verdicts of one check's series at an instant. */
export interface VerdictQuestion {
  readonly check: number;
  /** Epoch ms. */
  readonly atMs: number;
  /** Age from which a newest result no longer counts, ms: see `notHeardAfter`. */
  readonly notHeardAfterMs: number;
  /**
   * The due series: per series its agent, its target, since when and until when it is due, epoch ms (without an end:
   * Infinity). Others are left out once they are silent. null: all series that have results are due.
   */
  readonly due: Float64Array | null;
  /** Only series of this agent or target. */
  readonly agent?: number | undefined;
  readonly target?: number | undefined;
  /** Clock offsets of agents to the server, ms, by agent. Absent ones are close enough to 0. */
  readonly clockOffsets: ReadonlyMap<number, number>;
}

export interface VerdictCounts {
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  readonly unknown: number;
}

/** The verdict of a series now. `waiting`: it has no result since it is due, and the first one is not overdue. */
export type SeriesVerdict = Verdict | 'waiting';

export type SeriesCounts = VerdictCounts & { readonly waiting: number };

/** A page of series, and what to list. Order: down, degraded, unknown, waiting, up; then by check, agent and target. */
export interface SeriesPage {
  /** null: any. */
  readonly verdict: SeriesVerdict | null;
  /** How many to skip, and how many to return at most. */
  readonly after: number;
  readonly limit: number;
}

/** How one series is. */
export interface SeriesState {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly verdict: SeriesVerdict;
  /** Since when it has this verdict, epoch ms. */
  readonly sinceMs: number;
  /** It may have had it before: older results were not searched. */
  readonly orBefore: boolean;
  /** Instant of its newest result, epoch ms. null: it has none. */
  readonly newestMs: number | null;
  /** Its newest result is dated later than the present: it does not say how the series is. */
  readonly datedAhead: boolean;
  /** Since when it is due, epoch ms. null: it is not, or nobody can tell. */
  readonly dueMs: number | null;
  /** The newest result if the verdict is from it. null: it is not, or it cannot be read. */
  readonly result: StoredResult | null;
}

export interface SeriesStates {
  readonly counts: SeriesCounts;
  readonly series: readonly SeriesState[];
  /** Where the next page begins. null: this is the last. */
  readonly next: number | null;
}

/** Results missing from an answer because of a damaged file. */
export interface Damaged {
  /** Upper bound of the results missing from the answer. null: unknown. */
  readonly resultsAtMost: number | null;
  /** Details that cannot be read. Their results are returned without them. */
  readonly details: number;
}

/**
 * Figures that damage can make smaller: of the ledger (and what is computed from results: verdicts, coverage), of refused
 * and unplanned records, and of the rate at which results arrive.
 */
export type DamagedFigures = 'ledger' | 'refusals' | 'rate';

/** Damage that may make figures smaller than they are. */
export interface DamagedCounts {
  /** Number of damaged places. */
  readonly places: number;
  /** Upper bound of the results that are not counted or cannot be read. null: unknown. */
  readonly resultsAtMost: number | null;
}

/** Filter for results. An absent field matches any. */
export type DamageFilter = Partial<Pick<ResultFilter, 'checks' | 'agent' | 'target' | 'fromMs' | 'toMs'>>;

/** Known damage in one table of one file. */
export interface StoreDamage {
  readonly file: string;
  readonly table: string;
  /** Number of damaged rows, blocks or ranges of pages. */
  readonly places: number;
  /** Upper bound of the results that cannot be read because of it. null: unknown. */
  readonly resultsAtMost: number | null;
}

/** A unit of background work on stored results. */
export interface StoreUpkeep {
  readonly work: 'fold' | 'merge' | 'retire' | 'compact';
  /** Results folded into blocks. */
  readonly folded: number;
  /** Steps of merging or deleting expired results. */
  readonly steps: number;
  /** Whether more work of this kind is left. */
  readonly more: boolean;
  readonly ms: number;
}

/** The caller of a query, and its cancellation. */
export interface Asker {
  /** Key for fair queueing and per-caller limits. null: the server itself, without limits. */
  readonly caller: string | null;
  /** Aborted once the caller has left. A query that has not begun is then cancelled. */
  readonly signal?: AbortSignal;
}

/** Identifies one result. */
export interface ResultName extends Origin {
  readonly seq: number;
  /** Its scheduled instant, epoch ms, if known: it narrows the search. */
  readonly atMs?: number;
}

/** Queries of stored results. @throws StoreError `busy` if a caller has too many in progress */
export interface StoreQuestions {
  series(question: SeriesQuestion): Promise<SeriesAnswer>;
  /** Newest first; at most `limit`. */
  results(filter: ResultFilter, limit: number): Promise<readonly StoredResult[]>;
  /** The identified result. null: none is stored, or it is past its retention. */
  result(name: ResultName): Promise<StoredResult | null>;
  /** Oldest first, in pages, for exports. */
  scan(filter: ResultFilter): AsyncIterable<readonly StoredResult[]>;
  /** The newest result of each (agent, check, target) of these checks, or of all checks. */
  latest(checks?: readonly number[]): Promise<readonly StoredResult[]>;
  ledger(filter: {
    readonly agent?: number;
    readonly checks?: readonly number[];
    readonly target?: number;
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<readonly LedgerCounts[]>;
  /** Of all agents, or of one. */
  refusals(agent?: number): Promise<readonly AgentRefusals[]>;
  /** At most `limit`, most refused first. */
  refusedSeries(agent: number, limit: number): Promise<readonly RefusedSeries[]>;
  /** At most `limit` frames after the page that ended at `after`. 0: from the beginning. */
  unplanned(agent: number, after: number, limit: number): Promise<UnplannedPage>;
  /** Counts verdicts of all series that are due or heard. Silent series count as `unknown`, measured before or not. */
  verdictCounts(questions: readonly VerdictQuestion[]): Promise<SeriesCounts>;
  /** Lists these series, and counts them as `verdictCounts` does. */
  seriesStates(questions: readonly VerdictQuestion[], page: SeriesPage): Promise<SeriesStates>;
  /** Results committed in the last `windowMs`. */
  storedSince(fromMs: number): Promise<number>;
}

/** Stores results. All engines pass the same conformance suite. Every method is safe to call at any time until close. */
export interface ResultStore extends StoreQuestions {
  /** Validates, deduplicates and commits. Resolves after the commit is durable. Concurrent calls share a transaction. */
  ingest(intake: Intake): Promise<IntakeReport>;
  /** Known damage that concerns answers to this filter. null: none. Call it after the query. */
  damaged(filter: DamageFilter): Damaged | null;
  /** Known damage that may make these figures smaller. null: none. Call it after the query. */
  damagedCounts(of: readonly DamagedFigures[], filter: DamageFilter): DamagedCounts | null;
  /** All damage known so far. */
  damage(): readonly StoreDamage[];
  /** When all files were last checked for damage, epoch ms. null: not yet since the store was opened. */
  readonly checkedMs: number | null;
  /** Checks all files for damage now. The background does so daily, at a slow pace. */
  checkFiles(): Promise<void>;
  /** Resolves if the store can be written. @throws StoreError that says what to do */
  writable(): Promise<void>;
  /** The settled sequences of each of the agent's epochs: stored, refused or declared dropped. */
  received(
    agent: number,
  ): Promise<readonly { readonly epoch: number; readonly ranges: readonly (readonly [number, number])[] }[]>;
  /** Queries for a caller, with its limits and fair queueing. Without it, queries are the server's own. */
  askedBy(asker: Asker): StoreQuestions;
  /** Deletes an agent's unplanned records, which frees its quota. */
  forgetUnplanned(agent: number): Promise<void>;
  /** Sets the checks that exist. A record of any other is refused ("no such check"). Durable with the results. */
  setChecks(checks: readonly { readonly check: number; readonly probe: string }[]): Promise<void>;
  /** Adds checks, or replaces their probes. Durable with the results. */
  addChecks(checks: readonly { readonly check: number; readonly probe: string }[]): Promise<void>;
  /** Call it when spans of these agents have changed in the configuration database. Later frames are judged by them. */
  planChanged(agents: readonly number[]): void;
  /** Deletes these checks with all their results. A record of one is refused from then on. */
  forget(checks: readonly number[]): Promise<void>;
  /** Folds and merges all that it can and frees disk space now. The background does so over time. */
  compact(): Promise<void>;
  /**
   * Deletes what is past its retention at this time (epoch ms), at once. The background does so each hour: it hides what is
   * past its retention by the least time that it can be, and deletes it a day later where the disk has room.
   */
  retire(nowMs: number): Promise<void>;
  /** Call it when the best estimate of the time was corrected: what is past its retention is decided again soon. */
  clockCorrected(): void;
  close(): Promise<void>;
}
