import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Catalog } from '@netsonde/probes/catalog';
import type {
  Asker,
  Damaged,
  DamagedCounts,
  DamagedFigures,
  DamageFilter,
  Intake,
  IntakeReport,
  ResultFilter,
  ResultName,
  ResultStore,
  Retention,
  SeriesPage,
  StoreDamage,
  StoreQuestions,
  StoreUpkeep,
  VerdictQuestion,
} from '../result-store.ts';
import { DamageLog } from './damage/damage-log.ts';
import type { DamageNote } from './damage/damaged.ts';
import { FileCheck } from './damage/file-check.ts';
import type { FrameIn, FrameOut } from './intake/intake-writer.ts';
import { LazyReport } from './intake-report.ts';
import { Questions } from './readers/questions.ts';
import { ReaderPool } from './readers/reader-pool.ts';
import { ThreadCaller } from './thread-call.ts';
import { threadOptions } from './thread-options.ts';
import { type FoldLimits, type StoreClock, UpkeepSchedule } from './upkeep/upkeep-schedule.ts';
import { vocabularyOf } from './validate/vocabulary.ts';
import type { WriterSetup } from './writer-thread.ts';

export interface SqliteResultStoreOptions {
  /** Folder of the results' files. Created if it does not exist. The caller must hold the data folder's lock. */
  readonly folder: string;
  readonly catalog: Catalog;
  /**
   * The configuration database with the plan: only planned runs of an agent are stored. Absent: all are.
   */
  readonly planFile?: string;
  /** When the log is folded. Default: at 64 MB, or when its oldest entry is an hour old. */
  readonly fold?: Partial<FoldLimits>;
  /** Retention of results and rollups. Default: for ever. */
  readonly retention?: Retention;
  /** Default: the wall clock, as it is. */
  readonly clock?: StoreClock;
  /** Called when background work fails (a fold on a full disk). It is retried. */
  readonly onError?: (error: Error) => void;
  /** Called after background work. */
  readonly onWork?: (work: StoreUpkeep) => void;
}

const WALL_CLOCK: StoreClock = Object.freeze({ now: Date.now, least: Date.now });
const FOR_EVER: Retention = { raw: null, '5min': null, '1h': null, '1d': null };
const DEFAULT_FOLD: FoldLimits = { logBytes: 64 * 1024 * 1024, ageMs: 3_600_000, tickEveryMs: 2000 };

/**
 * The SQLite result store. It works in separate threads: a writer, readers that answer queries, and one for upkeep
 * while there is work.
 * @throws StoreError that names the file when a database is damaged or cannot be opened.
 */
export async function openSqliteResultStore(options: SqliteResultStoreOptions): Promise<ResultStore> {
  const { folder, catalog, planFile = null } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const setup: WriterSetup = { folder, planFile, vocabulary: vocabularyOf(catalog) };
  const damage = new DamageLog();
  const onDamage = (notes: readonly DamageNote[]) => damage.add(notes);
  const writer = new ThreadCaller(
    new Worker(new URL('./writer-thread.js', import.meta.url), threadOptions('store writer', setup)),
    onDamage,
  );
  const readers = new ReaderPool({ folder, onDamage });
  let store: SqliteResultStore | null = null;
  try {
    await writer.call('received', [0]);
    await readers.open();
    store = new SqliteResultStore(writer, readers, damage, options);
    await store.open();
    return store;
  } catch (error) {
    // A thread that stays would keep a process alive that does not serve.
    if (store === null) await Promise.all([readers.close(), writer.close()]);
    else await store.close();
    throw error;
  }
}

class SqliteResultStore implements ResultStore {
  readonly #writer: ThreadCaller;
  readonly #readers: ReaderPool;
  readonly #questions: Questions;
  readonly #damage: DamageLog;
  readonly #upkeep: UpkeepSchedule;
  readonly #fileCheck: FileCheck;

  constructor(writer: ThreadCaller, readers: ReaderPool, damage: DamageLog, options: SqliteResultStoreOptions) {
    this.#writer = writer;
    this.#readers = readers;
    this.#questions = new Questions(readers, { caller: null });
    this.#damage = damage;
    this.#fileCheck = new FileCheck({
      folder: options.folder,
      log: damage,
      onError: (error) => options.onError?.(error),
    });
    const { folder, catalog, fold, retention = FOR_EVER, clock = WALL_CLOCK, onError, onWork } = options;
    this.#upkeep = new UpkeepSchedule({
      folder,
      limits: { ...DEFAULT_FOLD, ...fold },
      retention,
      clock,
      sketched: sketchedIn(catalog),
      logState: () => writer.call('logBytes', []),
      trim: () => writer.call('trim', []),
      purge: () => writer.call('purge', []),
      sweep: (after) => writer.call('sweep', [after]),
      onError: (error) => onError?.(error),
      ...(onWork === undefined ? {} : { onWork }),
    });
  }

  async ingest(intake: Intake): Promise<IntakeReport> {
    const frame = new Uint8Array(intake.frame);
    const { origin, receivedMs, latestMs, presentMs } = intake;
    const frameIn: FrameIn = {
      origin,
      frame,
      receivedMs,
      ...(latestMs === undefined ? {} : { latestMs }),
      ...(presentMs === undefined ? {} : { presentMs }),
    };
    return new LazyReport(intake, await this.#writer.call<FrameOut>('ingest', [frameIn], [frame.buffer]));
  }

  /** Opens the store. Small files are checked for damage first. */
  open(): Promise<void> {
    return this.#fileCheck.open();
  }

  get checkedMs(): number | null {
    return this.#fileCheck.checkedMs;
  }

  checkFiles(): Promise<void> {
    return this.#fileCheck.check(true);
  }

  damaged(filter: DamageFilter): Damaged | null {
    return this.#damage.of(filter);
  }

  damagedCounts(of: readonly DamagedFigures[], filter: DamageFilter): DamagedCounts | null {
    return this.#damage.countsOf(of, filter);
  }

  damage(): readonly StoreDamage[] {
    return this.#damage.summary;
  }

  writable(): Promise<void> {
    return this.#writer.call('writable', []);
  }

  received(agent: number): ReturnType<ResultStore['received']> {
    return this.#writer.call('received', [agent]);
  }

  askedBy(asker: Asker): StoreQuestions {
    return new Questions(this.#readers, asker);
  }

  series(question: Parameters<ResultStore['series']>[0]): ReturnType<ResultStore['series']> {
    return this.#questions.series(question);
  }

  results(filter: ResultFilter, limit: number): ReturnType<ResultStore['results']> {
    return this.#questions.results(filter, limit);
  }

  result(name: ResultName): ReturnType<ResultStore['result']> {
    return this.#questions.result(name);
  }

  scan(filter: ResultFilter): ReturnType<ResultStore['scan']> {
    return this.#questions.scan(filter);
  }

  latest(checks?: readonly number[]): ReturnType<ResultStore['latest']> {
    return this.#questions.latest(checks);
  }

  ledger(filter: Parameters<ResultStore['ledger']>[0]): ReturnType<ResultStore['ledger']> {
    return this.#questions.ledger(filter);
  }

  refusals(agent?: number): ReturnType<ResultStore['refusals']> {
    return this.#questions.refusals(agent);
  }

  refusedSeries(agent: number, limit: number): ReturnType<ResultStore['refusedSeries']> {
    return this.#questions.refusedSeries(agent, limit);
  }

  unplanned(agent: number, after: number, limit: number): ReturnType<ResultStore['unplanned']> {
    return this.#questions.unplanned(agent, after, limit);
  }

  forgetUnplanned(agent: number): Promise<void> {
    return this.#writer.call('forgetUnplanned', [agent]);
  }

  verdictCounts(questions: readonly VerdictQuestion[]): ReturnType<ResultStore['verdictCounts']> {
    return this.#questions.verdictCounts(questions);
  }

  seriesStates(questions: readonly VerdictQuestion[], page: SeriesPage): ReturnType<ResultStore['seriesStates']> {
    return this.#questions.seriesStates(questions, page);
  }

  storedSince(fromMs: number): Promise<number> {
    return this.#questions.storedSince(fromMs);
  }

  setChecks(checks: Parameters<ResultStore['setChecks']>[0]): Promise<void> {
    return this.#writer.call('setChecks', [checks]);
  }

  addChecks(checks: Parameters<ResultStore['addChecks']>[0]): Promise<void> {
    return this.#writer.call('addChecks', [checks]);
  }

  planChanged(agents: readonly number[]): void {
    // Only a writer that has ended rejects this, and then it rejects each frame too.
    this.#writer.call('planChanged', [agents]).catch(() => undefined);
  }

  async forget(checks: readonly number[]): Promise<void> {
    await this.#writer.call('forget', [checks]);
    this.#upkeep.forgot();
  }

  async compact(): Promise<void> {
    await this.#upkeep.compact();
    await this.#writer.call('shrink', []);
  }

  retire(nowMs: number): Promise<void> {
    return this.#upkeep.retire(nowMs);
  }

  clockCorrected(): void {
    this.#upkeep.clockCorrected();
  }

  async close(): Promise<void> {
    await this.#fileCheck.close();
    await this.#upkeep.close();
    await this.#readers.close();
    await this.#writer.close();
  }
}

/** Metrics whose descriptor requires a quantile sketch. An id means the same in every probe. */
function sketchedIn(catalog: Catalog): readonly string[] {
  const metrics = Object.values(catalog).flatMap(({ metrics, instance }) => [...metrics, ...(instance?.metrics ?? [])]);
  return [...new Set(metrics.filter(({ sketch }) => sketch === true).map(({ id }) => id))];
}
