import type { StoredResult } from '../../result-store.ts';
import { isMeasuredAfter } from '../codec/measured-order.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import type { IndexedRecord } from './log-index.ts';
import type { NewestFolded } from './newest-folded.ts';
import type { Snapshot } from './snapshot.ts';

/** A newest result, in the log or folded. */
export type Newest = { readonly recent: IndexedRecord } | { readonly folded: NewestFolded };

/** The result of each series that its agent measured last, in the log or folded. Series without results are left out. */
export function newestOf(snapshot: Snapshot, series: readonly SeriesRow[]): readonly (readonly [SeriesRow, Newest])[] {
  const folded = snapshot.newestFolded(series);
  return series.flatMap((one): readonly (readonly [SeriesRow, Newest])[] => {
    const inLog = snapshot.index.newest(one.id);
    const recent = inLog !== undefined && inLog.at >= snapshot.horizons[0] ? inLog : undefined;
    const block = folded.get(one.id);
    if (recent !== undefined && (block === undefined || isMeasuredAfter(recent, block))) return [[one, { recent }]];
    return block === undefined ? [] : [[one, { folded: block }]];
  });
}

export function latest(snapshot: Snapshot, checks: readonly number[] | undefined): readonly StoredResult[] {
  const series = snapshot.seriesOf(checks === undefined ? {} : { checks });
  return newestOf(snapshot, series).flatMap(([one, newest]) => {
    const row = 'recent' in newest ? snapshot.row(newest.recent) : newest.folded.read();
    return row === null ? [] : [snapshot.stored(one.id, row)];
  });
}
