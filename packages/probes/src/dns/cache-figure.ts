import type { AbsenceReason } from '../contract/verdict.ts';
import type { Asked } from './observation.ts';
import { RCODES } from './rcodes.ts';

/**
 * Share of the queries without recursion that found records in the resolver's cache, as a percentage of those that it
 * answered. A resolver that is authoritative for the name has no cache for it. One that refuses such queries reveals
 * nothing.
 */
export function cacheFigure(cache: readonly Asked[]): number | { readonly absent: AbsenceReason } {
  const answers = cache.flatMap((asked) => (asked.end === 'answered' ? [asked.answer] : []));
  if (answers.some(({ authoritative }) => authoritative)) return { absent: 'not_applicable' };
  const decided = answers.filter(({ rcode }) => rcode === RCODES.NOERROR || rcode === RCODES.NXDOMAIN);
  if (decided.length > 0) return (100 * decided.filter(({ records }) => records.length > 0).length) / decided.length;
  if (answers.length > 0) return { absent: 'not_offered_by_target' };
  return { absent: cache.some(({ end }) => end === 'silent') ? 'timed_out' : 'run_failed' };
}
