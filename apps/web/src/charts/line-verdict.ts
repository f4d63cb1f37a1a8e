import type { Verdict } from '@netsonde/probes/catalog';
import { currentVerdict, isHeard } from '@netsonde/protocol/api';
import type { ChartLine } from './chart-line.ts';

/** The verdict of a line at an instant. */
export interface LineVerdict {
  /** null: it has no result in the window. */
  readonly verdict: Verdict | null;
  /** Epoch ms since when the series is not heard; null: it is heard. */
  readonly notHeardSinceMs: number | null;
}

/**
 * The verdict of a line at `nowMs`. A bucket of `bucketMs` (null: points are single results) may contain results up to
 * its end.
 */
export function lineVerdict(
  { at, verdict, notHeardAfterMs }: Pick<ChartLine, 'at' | 'verdict' | 'notHeardAfterMs'>,
  bucketMs: number | null,
  nowMs: number,
): LineVerdict {
  const [newest, latest] = [at.at(-1), verdict.at(-1)];
  if (newest === undefined || latest === undefined) return { verdict: null, notHeardSinceMs: null };
  const atMs = newest + (bucketMs ?? 0);
  if (notHeardAfterMs === undefined) return { verdict: latest, notHeardSinceMs: null };
  return {
    verdict: currentVerdict({ atMs, verdict: latest }, notHeardAfterMs, nowMs),
    notHeardSinceMs: isHeard(atMs, notHeardAfterMs, nowMs) ? null : atMs + notHeardAfterMs,
  };
}
