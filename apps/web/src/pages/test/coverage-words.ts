import { formatValue } from '@netsonde/metrics';
import { coveragePct, type LedgerRow, SETTLING_MS } from '@netsonde/protocol/api';
import { ledgerSum, missingInWords, retiredInWords } from '../../components/ledger-sum.ts';

/** How many of the expected runs of these rows are stored, and what became of the rest. */
export function coverageWords(rows: readonly LedgerRow[]): string {
  const { expected, stored, retired, pending } = ledgerSum(rows);
  if (expected === 0) return 'No run was expected in this window.';
  if (expected === pending) return `Coverage counts each run ${SETTLING_MS / 1000} s after it was due.`;
  const pct = coveragePct(rows);
  if (pct === null) return 'Nothing was heard yet of the runs that are due.';
  const missing = missingInWords(rows);
  const words = `Coverage ${formatValue(pct, 'pct')}: ${formatValue(stored)} of ${formatValue(expected - pending)} expected runs are stored`;
  return `${words}${retiredInWords(retired)}${missing === '' ? '' : `; ${missing}`}`;
}
