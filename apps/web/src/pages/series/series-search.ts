import { SERIES_VERDICTS } from '@netsonde/protocol/api';
import type { SeriesFilter } from '../../api/series-states.ts';

/** Reads which series an address asks for. What is not valid is left out. */
export function seriesSearch(search: Readonly<Record<string, unknown>>): SeriesFilter {
  const verdict = SERIES_VERDICTS.find((one) => one === search.verdict);
  const ids = (['test', 'check', 'agent', 'target'] as const).flatMap((name) => {
    const id = Number(search[name]);
    return Number.isSafeInteger(id) && id > 0 ? [[name, id] as const] : [];
  });
  return { ...Object.fromEntries(ids), ...(verdict === undefined ? {} : { verdict }) };
}
