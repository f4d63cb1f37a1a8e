import type { DamagedCounts, DamagedFigures, DamageFilter } from '../store/result-store.ts';
import type { ApiParts } from './parts.ts';

/** Field that reports what damage may take from a response's counts. Empty if none is known. Call it after the query. */
export function damagedCounts(
  { store }: Pick<ApiParts, 'store'>,
  of: readonly DamagedFigures[],
  filter: DamageFilter,
): { damaged?: DamagedCounts } {
  const damaged = store.damagedCounts(of, filter);
  return damaged === null ? {} : { damaged };
}
