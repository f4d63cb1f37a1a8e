import { formatValue } from '@netsonde/metrics';
import type { LedgerRow } from '@netsonde/protocol/api';
import { dropWords, missedWords, refusedWords } from './verdict-words.ts';

/** The numbers of a ledger. */
export interface LedgerSum {
  readonly expected: number;
  readonly stored: number;
  /** Of those stored: deleted by retention since. */
  readonly retired: number;
  readonly dropped: number;
  readonly missed: number;
  /** Sent by the agent and not accepted by the server. */
  readonly refused: number;
  /** No record of them yet: they may still arrive. */
  readonly outstanding: number;
  /** Of those outstanding: due only just now. */
  readonly pending: number;
}

export function ledgerSum(rows: readonly LedgerRow[]): LedgerSum {
  return rows.reduce<LedgerSum>(
    (sum, row) => ({
      expected: sum.expected + row.expected,
      stored: sum.stored + row.stored,
      retired: sum.retired + row.retired,
      dropped: sum.dropped + total(row.dropped),
      missed: sum.missed + total(row.missed),
      refused: sum.refused + total(row.refused),
      outstanding: sum.outstanding + row.outstanding,
      pending: sum.pending + row.pending,
    }),
    { expected: 0, stored: 0, retired: 0, dropped: 0, missed: 0, refused: 0, outstanding: 0, pending: 0 },
  );
}

/** Rows with the most missing runs first; equal rows keep their order. */
export const worstFirst = (rows: readonly LedgerRow[]): readonly LedgerRow[] =>
  rows.toSorted((a, b) => missingShare(b) - missingShare(a));

const missingShare = ({ expected, stored, outstanding }: LedgerRow): number =>
  expected === 0 ? 0 : (expected - stored - outstanding) / expected;

/** "; 12 of those stored are deleted by retention since", to append; "" where none is. */
export const retiredInWords = (retired: number): string =>
  retired === 0
    ? ''
    : `; ${formatValue(retired)} of those stored ${retired === 1 ? 'is' : 'are'} deleted by retention since`;

/** What became of the runs that are not stored: "missed: 2× agent was off; 1 outstanding"; "" where there are none. */
export function missingInWords(rows: readonly LedgerRow[]): string {
  const { outstanding, pending } = ledgerSum(rows);
  const dropped = reasonsInWords(merged(rows.map((row) => row.dropped)), dropWords);
  const missed = reasonsInWords(merged(rows.map((row) => row.missed)), missedWords);
  const refused = reasonsInWords(merged(rows.map((row) => row.refused)), refusedWords);
  return [
    dropped === '0' ? '' : `dropped: ${dropped}`,
    missed === '0' ? '' : `missed: ${missed}`,
    refused === '0' ? '' : `refused: ${refused}`,
    outstanding === pending ? '' : `${formatValue(outstanding - pending)} outstanding`,
    pending === 0 ? '' : `${formatValue(pending)} due just now`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** "All 36 due runs were missed: refused by the agent's policy."; "" where none was missed, or some are stored. */
export function missedInWords(rows: readonly LedgerRow[]): string {
  const { expected, pending, stored, missed } = ledgerSum(rows);
  const due = expected - pending;
  if (missed === 0 || stored > 0) return '';
  const reasons = merged(rows.map((row) => row.missed));
  const [only, ...others] = Object.keys(reasons);
  const why = others.length === 0 && only !== undefined ? missedWords(only) : reasonsInWords(reasons, missedWords);
  if (missed < due) return `${formatValue(missed)} of ${formatValue(due)} due runs were missed: ${why}.`;
  return `${missed === 1 ? 'The due run was' : `All ${formatValue(missed)} due runs were`} missed: ${why}.`;
}

function merged(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const [reason, count] of all.flatMap((counts) => Object.entries(counts)))
    sum[reason] = (sum[reason] ?? 0) + (count ?? 0);
  return sum;
}

type Counts = Readonly<Record<string, number | undefined>>;

const total = (counts: Counts): number => Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);

/** "3× disk full, 1× torn by a crash"; "0" where there is none. */
export function reasonsInWords(counts: Counts, words: (reason: string) => string): string {
  const parts = Object.entries(counts).flatMap(([reason, count]) =>
    count === undefined || count === 0 ? [] : [`${formatValue(count)}× ${words(reason)}`],
  );
  return parts.length === 0 ? '0' : parts.join(', ');
}
