import type { LedgerRow } from '@netsonde/protocol/api';

const DAY_MS = 86_400_000;
/** Runs younger than this are not asked for yet: they may be on their way. */
const SETTLING_MS = 15_000;
const FRESH_MS = 30_000;

/** Stored of expected runs of the last 24 h, 0 to 100; null where none was expected. */
export interface CoverageFigures {
  readonly overallPct: number | null;
  readonly byAgent: ReadonlyMap<number, number>;
}

type Rows = (question: { readonly fromMs: number; readonly toMs: number }) => Promise<readonly LedgerRow[]>;

/** Works coverage out when asked, at most every half minute: the whole ledger is read for it. */
export class Coverage {
  readonly #rows: Rows;
  readonly #now: () => number;
  #figures: Promise<CoverageFigures> | undefined;
  #atMs = 0;

  constructor(rows: Rows, now: () => number) {
    this.#rows = rows;
    this.#now = now;
  }

  figures(): Promise<CoverageFigures> {
    const now = this.#now();
    if (this.#figures === undefined || now - this.#atMs >= FRESH_MS) {
      this.#atMs = now;
      this.#figures = this.#rows({ fromMs: now - DAY_MS, toMs: now - SETTLING_MS }).then(figuresOf);
      this.#figures.catch(() => {
        this.#figures = undefined;
      });
    }
    return this.#figures;
  }
}

function figuresOf(rows: readonly LedgerRow[]): CoverageFigures {
  const sums = new Map<number, { stored: number; expected: number }>();
  const all = { stored: 0, expected: 0 };
  for (const { agent, stored, expected } of rows) {
    const sum = sums.get(agent) ?? { stored: 0, expected: 0 };
    sums.set(agent, sum);
    for (const counts of [sum, all]) {
      counts.stored += stored;
      counts.expected += expected;
    }
  }
  return {
    overallPct: all.expected === 0 ? null : (100 * all.stored) / all.expected,
    byAgent: new Map([...sums].map(([agent, { stored, expected }]) => [agent, (100 * stored) / expected])),
  };
}
