import { formatValue } from '@netsonde/metrics';
import type { LedgerRow } from '@netsonde/protocol/api';

/** A ledger in five numbers. */
export interface LedgerSum {
  readonly expected: number;
  readonly stored: number;
  readonly dropped: number;
  readonly missed: number;
  /** Not heard of yet: may still come. */
  readonly outstanding: number;
}

export function ledgerSum(rows: readonly LedgerRow[]): LedgerSum {
  return rows.reduce<LedgerSum>(
    (sum, row) => ({
      expected: sum.expected + row.expected,
      stored: sum.stored + row.stored,
      dropped: sum.dropped + total(row.dropped),
      missed: sum.missed + total(row.missed),
      outstanding: sum.outstanding + row.outstanding,
    }),
    { expected: 0, stored: 0, dropped: 0, missed: 0, outstanding: 0 },
  );
}

type Counts = Readonly<Record<string, number | undefined>>;

const total = (counts: Counts): number => Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);

/** "3× disk full, 1× torn by a crash"; "0" where there is nothing. */
export function reasonsInWords(counts: Counts, words: (reason: string) => string): string {
  const parts = Object.entries(counts).flatMap(([reason, count]) =>
    count === undefined || count === 0 ? [] : [`${formatValue(count)}× ${words(reason)}`],
  );
  return parts.length === 0 ? '0' : parts.join(', ');
}
