import type { LedgerCounts } from '../store/result-store.ts';

/** The store's id for drops whose check is unknown. */
export const NO_CHECK = 0;

/** Run counts of one agent, check and target in a window. */
export interface Account {
  readonly count: LedgerCounts;
  readonly expected: number;
  /** Expected runs that were not reported. */
  readonly outstanding: number;
}

/**
 * An agent can state an instant as lost that has a result, or is lost already: drops can name it again, and which
 * instants are accounted for is known since the server's start only. Where all is more than the due runs, the runs that
 * retention has deleted count less first: a window's part of a day is an estimate, and folders of earlier versions have
 * runs after a span's end. Then what was stored counts before what was refused, missed and dropped. More results than due
 * runs repeat an instant.
 */
export function accountOf(count: LedgerCounts, due: number): Account {
  if (count.check === NO_CHECK) return { count, expected: due, outstanding: 0 };
  const heard = count.stored + sum(count.dropped) + sum(count.missed) + sum(count.refused);
  if (heard <= due) return { count, expected: due, outstanding: due - heard };
  const retired = Math.max(0, (count.retired ?? 0) - (heard - due));
  const present = count.stored - (count.retired ?? 0) + retired;
  const stored = Math.min(present, due);
  const again = present - stored;
  const refused = upTo(count.refused, due - stored);
  const missed = upTo(count.missed, due - stored - sum(refused));
  const dropped = upTo(count.dropped, due - stored - sum(refused) - sum(missed));
  const repeated = (count.repeated ?? 0) + again;
  const bounded = {
    ...count,
    stored,
    retired: Math.min(retired, stored),
    dropped,
    missed,
    refused,
    ...(repeated === 0 ? {} : { repeated }),
  };
  return { count: bounded, expected: due, outstanding: 0 };
}

/** The counts, `most` at most in all. */
function upTo<Reason extends string>(
  counts: Readonly<Partial<Record<Reason, number>>>,
  most: number,
): Partial<Record<Reason, number>> {
  const bounded: Partial<Record<Reason, number>> = {};
  let left = most;
  for (const reason of Object.keys(counts) as Reason[]) {
    const taken = Math.min(counts[reason] ?? 0, left);
    left -= taken;
    if (taken > 0) bounded[reason] = taken;
  }
  return bounded;
}

const sum = (counts: Readonly<Partial<Record<string, number>>>): number =>
  Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
