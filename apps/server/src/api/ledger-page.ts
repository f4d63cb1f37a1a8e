import type { LedgerRow } from '@netsonde/protocol/api';

type Key = readonly [agent: number, check: number, target: number];

const keyOf = ({ agent, check, target }: LedgerRow): Key => [agent, check, target];

const compare = (a: Key, b: Key): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** At most `limit` rows after the one that a cursor names, by agent, check and target. `next`: the cursor of the next page. */
export function ledgerPage(
  rows: readonly LedgerRow[],
  limit: number,
  cursor: string | undefined,
): { rows: LedgerRow[]; next: string | null } {
  const after = (cursor ?? '0.0.0').split('.').map(Number) as unknown as Key;
  const left = rows.filter((row) => compare(keyOf(row), after) > 0).sort((a, b) => compare(keyOf(a), keyOf(b)));
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: last === undefined || left.length <= limit ? null : keyOf(last).join('.') };
}
