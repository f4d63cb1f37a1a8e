import type { AbsenceReason } from '../contract/verdict.ts';
import type { Asked } from './observation.ts';
import { RCODES } from './rcodes.ts';

/**
 * Share of the queries without recursion that found records in the resolver's cache, percent, of those that it answered.
 * A resolver that knows the name by itself has no cache for it; one that refuses such queries does not tell.
 */
export function cacheFigure(cache: readonly Asked[]): number | { readonly absent: AbsenceReason } {
  const answers = cache.flatMap((asked) => (asked.end === 'answered' ? [asked.answer] : []));
  if (answers.some(({ authoritative }) => authoritative)) return { absent: 'not_applicable' };
  const told = answers.filter(({ rcode }) => rcode === RCODES.NOERROR || rcode === RCODES.NXDOMAIN);
  if (told.length > 0) return (100 * told.filter(({ records }) => records.length > 0).length) / told.length;
  if (answers.length > 0) return { absent: 'not_offered_by_target' };
  return { absent: cache.some(({ end }) => end === 'silent') ? 'timed_out' : 'run_failed' };
}
