import type { SeriesQuestion } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import { bucketStart } from '../rollup/bucket.ts';
import { COARSEST, LEVELS, type Level, levelWithin, widthOf } from '../rollup/levels.ts';
import type { Grid } from './line.ts';
import { runsWithin } from './runs-within.ts';
import type { Snapshot } from './snapshot.ts';

/** Plan of a chart: its grid, and the window that it covers. */
export interface ChartPlan {
  readonly grid: Grid;
  readonly fromMs: number;
  readonly toMs: number;
  /** Retention has deleted the window's results before this instant. null: it deleted none. */
  readonly retiredBeforeMs: number | null;
}

/**
 * Chooses single results if they are few enough and not expired, else buckets of the coarsest rollup that is fine enough,
 * or of one that still covers expired results. A query for one verdict needs the results.
 */
export function planChart(snapshot: Snapshot, question: SeriesQuestion, series: readonly SeriesRow[]): ChartPlan {
  const { horizons } = snapshot;
  const { verdict, percentiles = [], points, toMs } = question;
  const isRetired = retiredIn(snapshot, series, question.fromMs, toMs);
  const rawFromMs = Math.max(question.fromMs, horizons[0]);
  if (!isRetired || verdict !== undefined) {
    const isCrowded = tooMany(snapshot, { ...question, fromMs: rawFromMs }, series);
    const bucketMs = isCrowded ? widthFor(question, points) : null;
    const level = bucketMs === null || verdict !== undefined ? 0 : levelWithin(bucketMs);
    if (level === 0 || bucketMs === null)
      return {
        grid: { bucketMs, level: 0, percentiles },
        fromMs: rawFromMs,
        toMs,
        retiredBeforeMs: isRetired ? horizons[0] : null,
      };
    return ofLevel(level, bucketMs, { ...question, fromMs: rawFromMs }, null);
  }
  const wanted = widthFor(question, points);
  const finest = Math.max(1, levelWithin(wanted)) as Level;
  const level = LEVELS.find((one) => one >= finest && horizons[one] <= question.fromMs) ?? COARSEST;
  return ofLevel(level, wanted, question, question.fromMs < horizons[level] ? horizons[level] : null);
}

/** Buckets of a level, with the window extended to whole buckets. */
function ofLevel(
  level: Level,
  wantedMs: number,
  { fromMs, toMs, percentiles = [] }: SeriesQuestion,
  retiredBeforeMs: number | null,
): ChartPlan {
  const width = widthOf(level);
  const bucketMs = Math.ceil(wantedMs / width) * width;
  const begin = bucketStart(Math.max(fromMs, retiredBeforeMs ?? 0), width);
  return {
    grid: { bucketMs, level, percentiles },
    fromMs: begin,
    toMs: bucketStart(toMs - 1, width) + width,
    retiredBeforeMs,
  };
}

const widthFor = ({ fromMs, toMs }: SeriesQuestion, points: number): number =>
  Math.max(1, Math.ceil((toMs - fromMs) / Math.max(1, points - 1)));

/** Whether the ledger counts expired results in [fromMs, endMs): those deleted, and those before the horizon. */
function retiredIn(snapshot: Snapshot, series: readonly SeriesRow[], fromMs: number, endMs: number): boolean {
  const deletedMs = Math.min(endMs, snapshot.deletedThroughMs);
  const isDeleted =
    fromMs < deletedMs &&
    snapshot
      .retired(series, fromMs, deletedMs)
      .some(({ rows, ...span }) => runsWithin({ ...span, count: rows }, fromMs, deletedMs) > 0);
  const toMs = Math.min(endMs, snapshot.horizons[0]);
  if (isDeleted || fromMs >= toMs) return isDeleted;
  return (
    snapshot.heads(series, fromMs, toMs).some((head) => rowsWithin(snapshot, head, fromMs, toMs) > 0) ||
    series.some(({ id }) => snapshot.recent(id, fromMs, toMs).length > 0)
  );
}

/** Whether one series has more results in the window than the requested points. */
function tooMany(snapshot: Snapshot, { fromMs, toMs, points }: SeriesQuestion, series: readonly SeriesRow[]): boolean {
  const rows = new Map(series.map(({ id }) => [id, snapshot.recent(id, fromMs, toMs).length]));
  const count = (head: BlockHead) => {
    const before = rows.get(head.series) ?? 0;
    if (before <= points) rows.set(head.series, before + rowsWithin(snapshot, head, fromMs, toMs));
  };
  for (const head of snapshot.heads(series, fromMs, toMs)) count(head);
  return [...rows.values()].some((found) => found > points);
}

/** Rows of a block in [fromMs, toMs). It is opened only if it extends past an end. A damaged one counts as evenly spaced. */
export function rowsWithin(snapshot: Snapshot, head: BlockHead, fromMs: number, toMs: number): number {
  const { fromMs: first, toMs: last, rows } = head;
  if (first >= fromMs && last < toMs) return rows;
  return snapshot.inBlock(
    head,
    runsWithin({ fromMs: first, toMs: last, count: rows }, fromMs, toMs),
    ({ at }) => at.filter((instant) => instant >= fromMs && instant < toMs).length,
  );
}
