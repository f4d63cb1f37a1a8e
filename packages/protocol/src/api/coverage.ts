import type { LedgerRow } from './agents.ts';

/** Runs that are due since less than this may be on their way, ms. */
export const SETTLING_MS = 15_000;

type Counts = Pick<LedgerRow, 'expected' | 'stored' | 'outstanding' | 'pending'>;

/**
 * Stored of the expected runs, 0 to 100, those left out that may be on their way; null where no other was expected, or
 * nothing was heard of any of them.
 */
export function coveragePct(rows: readonly Counts[]): number | null {
  let asked = 0;
  let stored = 0;
  let unheard = 0;
  for (const row of rows) {
    asked += row.expected - row.pending;
    unheard += row.outstanding - row.pending;
    stored += row.stored;
  }
  return unheard === asked ? null : (100 * stored) / asked;
}
