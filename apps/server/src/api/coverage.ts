import type { LedgerRow } from '@netsonde/protocol/api';

const DAY_MS = 86_400_000;
/** Runs younger than this are not asked for yet: they may be on their way. */
const SETTLING_MS = 15_000;
/** Figures are given again for so long, and for so many times as long as they took, ms. */
const LEAST_FRESH_MS = 2000;
const FRESH_PER_COST = 4;
const ALWAYS = Number.MAX_SAFE_INTEGER;

/** Stored of expected runs of the last 24 h, 0 to 100; null where none was expected. */
export interface CoverageFigures {
  readonly overallPct: number | null;
  readonly byAgent: ReadonlyMap<number, number>;
}

type Rows = (question: { readonly fromMs: number; readonly toMs: number }) => Promise<readonly LedgerRow[]>;

/** Works coverage out when asked, but not too often: the whole ledger is read for it. */
export class Coverage {
  readonly #rows: Rows;
  readonly #now: () => number;
  #figures: Promise<CoverageFigures> | undefined;
  #untilMs = 0;

  constructor(rows: Rows, now: () => number) {
    this.#rows = rows;
    this.#now = now;
  }

  figures(): Promise<CoverageFigures> {
    const askedMs = this.#now();
    if (this.#figures !== undefined && askedMs < this.#untilMs) return this.#figures;
    const figures = this.#rows({ fromMs: askedMs - DAY_MS, toMs: askedMs - SETTLING_MS }).then(figuresOf);
    this.#figures = figures;
    this.#untilMs = ALWAYS;
    const settle = (freshMs: number) => {
      if (this.#figures === figures) this.#untilMs = askedMs + freshMs;
    };
    figures.then(
      () => settle(Math.max(LEAST_FRESH_MS, FRESH_PER_COST * (this.#now() - askedMs))),
      () => settle(0),
    );
    return figures;
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
