import { VERDICTS } from '@netsonde/probes/catalog';
import { z } from 'zod';
import { digits, idSchema, instantSchema, verdictCountsSchema } from './common.ts';

/** Verdicts of series. `waiting`: due, without a result since then, and the first one is not overdue. */
export const SERIES_VERDICTS = [...VERDICTS, 'waiting'] as const;
export type SeriesVerdict = (typeof SERIES_VERDICTS)[number];

export const seriesCountsSchema = verdictCountsSchema.extend({ waiting: z.int() });
export type SeriesCounts = z.infer<typeof seriesCountsSchema>;

/** How one planned series is now, or was at the end of its test. */
export const seriesStateSchema = z.object({
  agent: idSchema,
  agentName: z.string(),
  test: idSchema,
  testName: z.string(),
  check: idSchema,
  probe: z.string(),
  target: idSchema,
  address: z.string(),
  verdict: z.enum(SERIES_VERDICTS),
  /** Since when it has this verdict. Of `waiting`: since when it is due. */
  since: instantSchema,
  /** It may have had it before `since`: older results were not searched. */
  orBefore: z.boolean(),
  /** Scheduled instant of its newest result; null: it has none. */
  newestAt: instantSchema.nullable(),
  /**
   * Why it is not up. Where results are missing, the side is `agent`, the cause is `not_heard` or the reason for which
   * runs were missed, dropped or refused (`policy`, `budget` ...), and `operation` says more in words. Absent: it is up
   * or waits.
   */
  finding: z.object({ cause: z.string(), side: z.string(), operation: z.string() }).optional(),
});
export type SeriesState = z.infer<typeof seriesStateSchema>;

export const seriesStatesSchema = z.object({
  /** Of all series that match apart from their verdict. */
  counts: seriesCountsSchema,
  /** Down, degraded, unknown, waiting, up; then by check, agent and target. */
  series: z.array(seriesStateSchema),
  /** Where to go on with `after`; null: that was all. */
  next: z.int().nullable(),
});
export type SeriesStates = z.infer<typeof seriesStatesSchema>;

export const seriesStatesQuerySchema = z.object({
  /** Absent: of all running tests. */
  test: digits(1).optional(),
  check: digits(1).optional(),
  agent: digits(1).optional(),
  target: digits(1).optional(),
  verdict: z.enum(SERIES_VERDICTS).optional(),
  after: digits(0).default(0),
  limit: digits(1, 200).default(50),
});
