import type {
  AgentRefusals,
  Asker,
  LedgerCounts,
  RefusedSeries,
  ResultFilter,
  ResultName,
  SeriesAnswer,
  SeriesCounts,
  SeriesPage,
  SeriesQuestion,
  SeriesStates,
  StoredResult,
  StoreQuestions,
  UnplannedPage,
  VerdictQuestion,
} from '../../result-store.ts';
import type { ResultPlace } from '../query/first-results.ts';
import type { LedgerFilter } from '../query/ledger.ts';
import type { ScanPage } from '../query/results.ts';
import type { QuestionLength, ReaderPool } from './reader-pool.ts';

/** Window from which a chart of many series counts as a long query, ms. */
const LONG_CHART_MS = 2 * 86_400_000;

/** Sends one caller's queries to the readers. */
export class Questions implements StoreQuestions {
  readonly #readers: ReaderPool;
  readonly #asker: Asker;

  constructor(readers: ReaderPool, asker: Asker) {
    this.#readers = readers;
    this.#asker = asker;
  }

  #ask<T>(length: QuestionLength, name: string, ...args: readonly unknown[]): Promise<T> {
    return this.#readers.ask(length, this.#asker, name, args);
  }

  series(question: SeriesQuestion): Promise<SeriesAnswer> {
    const { agent, target, fromMs, toMs } = question;
    const isNarrow = agent !== undefined && target !== undefined;
    return this.#ask(isNarrow || toMs - fromMs <= LONG_CHART_MS ? 'quick' : 'long', 'series', question);
  }

  results(filter: ResultFilter, limit: number): Promise<readonly StoredResult[]> {
    return this.#ask('quick', 'results', filter, limit);
  }

  result(name: ResultName): Promise<StoredResult | null> {
    return this.#ask('quick', 'result', name);
  }

  async *scan(filter: ResultFilter): AsyncIterable<readonly StoredResult[]> {
    let after: ResultPlace | null = null;
    do {
      const page: ScanPage = await this.#ask<ScanPage>('long', 'scan', filter, after);
      if (page.results.length > 0) yield page.results;
      after = page.last;
    } while (after !== null);
  }

  latest(checks?: readonly number[]): Promise<readonly StoredResult[]> {
    return this.#ask('quick', 'latest', checks);
  }

  ledger(filter: LedgerFilter): Promise<readonly LedgerCounts[]> {
    return this.#ask('quick', 'ledger', filter);
  }

  refusals(agent?: number): Promise<readonly AgentRefusals[]> {
    return this.#ask('quick', 'refusals', agent);
  }

  refusedSeries(agent: number, limit: number): Promise<readonly RefusedSeries[]> {
    return this.#ask('quick', 'refusedSeries', agent, limit);
  }

  unplanned(agent: number, after: number, limit: number): Promise<UnplannedPage> {
    return this.#ask('quick', 'unplanned', agent, after, limit);
  }

  verdictCounts(questions: readonly VerdictQuestion[]): Promise<SeriesCounts> {
    return this.#ask('quick', 'verdictCounts', questions);
  }

  seriesStates(questions: readonly VerdictQuestion[], page: SeriesPage): Promise<SeriesStates> {
    return this.#ask('quick', 'seriesStates', questions, page);
  }

  storedSince(fromMs: number): Promise<number> {
    return this.#ask('quick', 'storedSince', fromMs);
  }
}
