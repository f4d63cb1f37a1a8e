import { coveragePct, type LedgerRow } from '@netsonde/protocol/api';

const DAY_MS = 86_400_000;
/** Cache time of the figures: at least this long, ms, and at least this multiple of the time they took. */
const LEAST_FRESH_MS = 2000;
const FRESH_PER_COST = 4;
const ALWAYS = Number.MAX_SAFE_INTEGER;

/** `coveragePct` of the last 24 h, in total and by agent. Agents without one are left out. */
export interface CoverageFigures {
  readonly overallPct: number | null;
  readonly byAgent: ReadonlyMap<number, number>;
}

type Rows = (question: {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}) => Promise<readonly LedgerRow[]>;

/** Computes coverage on request and caches it, since it reads the whole ledger. */
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
    const figures = this.#rows({ fromMs: askedMs - DAY_MS, toMs: askedMs, nowMs: askedMs }).then(figuresOf);
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
  const byAgent = new Map<number, LedgerRow[]>();
  for (const row of rows) {
    const own = byAgent.get(row.agent);
    if (own === undefined) byAgent.set(row.agent, [row]);
    else own.push(row);
  }
  const known = [...byAgent].map(([agent, own]) => [agent, coveragePct(own)] as const);
  return {
    overallPct: coveragePct(rows),
    byAgent: new Map(known.filter((one): one is readonly [number, number] => one[1] !== null)),
  };
}
