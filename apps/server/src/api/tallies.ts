import type { Test } from '@netsonde/protocol/api';
import type { Planner } from '../planning/planner.ts';
import type { ResultStore, VerdictQuestion } from '../store/result-store.ts';

/** Verdicts and result count of a test. */
export interface Tally {
  /** Verdict counts of its series, now or at its end. */
  readonly verdicts: Test['verdicts'];
  /** Series that wait for their first result. */
  readonly waiting: number;
  /** Total of stored results, including removed checks. */
  readonly resultCount: number;
}

interface Kept {
  readonly tally: Promise<Tally>;
  /** Expiry of the cached value, epoch ms. */
  untilMs: number;
}

/** A count is cached for this multiple of the time it took. */
const FRESH_PER_COST = 4;
const ALWAYS = Number.MAX_SAFE_INTEGER;

/** Counts a test's results on request, and caches a count that took long. */
export class Tallies {
  readonly #store: Pick<ResultStore, 'verdictCounts' | 'ledger'>;
  readonly #directory: Planner['directory'];
  readonly #now: () => number;
  readonly #kept = new Map<number, Kept>();

  constructor(
    store: Pick<ResultStore, 'verdictCounts' | 'ledger'>,
    directory: Planner['directory'],
    now: () => number,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#now = now;
  }

  /** `questions`: of the current checks. */
  of(test: number, questions: readonly VerdictQuestion[]): Promise<Tally> {
    const askedMs = this.#now();
    const kept = this.#kept.get(test);
    if (kept !== undefined && askedMs < kept.untilMs) return kept.tally;
    const fresh: Kept = { tally: this.#count(test, questions), untilMs: ALWAYS };
    this.#kept.set(test, fresh);
    const settle = () => {
      fresh.untilMs = askedMs + FRESH_PER_COST * (this.#now() - askedMs);
    };
    fresh.tally.then(settle, () => this.#kept.delete(test));
    return fresh.tally;
  }

  forget(test: number): void {
    this.#kept.delete(test);
  }

  async #count(test: number, questions: readonly VerdictQuestion[]): Promise<Tally> {
    const checks = this.#directory.checks(test).map(({ check }) => check);
    const [{ waiting, ...verdicts }, ledger] = await Promise.all([
      this.#store.verdictCounts(questions),
      this.#store.ledger({ checks, fromMs: 0, toMs: ALWAYS }),
    ]);
    return { verdicts, waiting, resultCount: ledger.reduce((sum, { stored }) => sum + stored, 0) };
  }
}
