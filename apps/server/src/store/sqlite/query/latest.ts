import type { StoredResult, VerdictCounts } from '../../result-store.ts';
import { verdictOf } from '../codec/row.ts';
import type { IndexedRecord } from './log-index.ts';
import type { Series, Snapshot } from './snapshot.ts';

interface Newest {
  readonly verdict: number;
  readonly read: () => StoredResult;
}

/** The newest result of a series by its scheduled instant, in the log or in a block; undefined where it has none. */
function newestOf(snapshot: Snapshot, { id }: Series): Newest | undefined {
  let recent: IndexedRecord | undefined;
  for (const record of snapshot.index.ofSeries(id)) if (recent === undefined || record.at > recent.at) recent = record;
  const folded = snapshot.newestFolded(id);
  if (recent !== undefined && (folded === undefined || recent.at >= folded.at)) {
    const newest = recent;
    return { verdict: newest.verdict, read: () => snapshot.stored(id, snapshot.row(newest)) };
  }
  if (folded === undefined) return undefined;
  return {
    verdict: folded.verdict,
    read: () => snapshot.stored(id, snapshot.block(folded.block).row(folded.row, snapshot.key(id))),
  };
}

export function latest(snapshot: Snapshot, checks: readonly number[] | undefined): readonly StoredResult[] {
  const series = snapshot.seriesOf(checks === undefined ? {} : { checks });
  return series.flatMap((one) => newestOf(snapshot, one)?.read() ?? []);
}

export function verdictCounts(snapshot: Snapshot, checks: readonly number[]): VerdictCounts {
  const counts = { up: 0, degraded: 0, down: 0, unknown: 0 };
  for (const one of snapshot.seriesOf({ checks })) {
    const newest = newestOf(snapshot, one);
    if (newest !== undefined) counts[verdictOf(newest.verdict)] += 1;
  }
  return counts;
}
