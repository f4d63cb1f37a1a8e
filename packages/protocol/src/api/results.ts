import { z } from 'zod';
import { type missedRecordSchema, runRecordSchema } from '../record.ts';
import { clockProblemSchema } from './clock.ts';
import {
  damagedCountsSchema,
  digits,
  givenInstantSchema,
  idSchema,
  instantSchema,
  verdictCountsSchema,
} from './common.ts';

/** A stored result with what it belongs to. `at` is ISO; late and took in ms. */
export const resultSchema = runRecordSchema.omit({ t: true, at: true }).extend({
  at: instantSchema,
  epoch: z.int(),
  agent: idSchema,
  agentName: z.string(),
  test: idSchema,
  probe: z.string(),
  address: z.string(),
  /** It had a detail that cannot be read any more, since the server's file is damaged. */
  lacksDetail: z.literal(true).optional(),
});
export type Result = z.infer<typeof resultSchema>;

export const resultsQuerySchema = z.object({
  agent: digits(1).optional(),
  check: digits(1).optional(),
  target: digits(1).optional(),
  verdict: z.enum(['up', 'degraded', 'down', 'unknown']).optional(),
  from: givenInstantSchema.optional(),
  to: givenInstantSchema.optional(),
  limit: digits(1, 1000).default(100),
});

/** What is missing from an answer, since a file of the server is damaged. */
const damagedSchema = z.object({
  /** At most so many results; null: nobody can tell how many. */
  resultsAtMost: z.int().nullable(),
  /** Details that cannot be read: their results are shown without them. */
  details: z.int(),
});

export const resultsSchema = z.object({
  results: z.array(resultSchema),
  more: z.boolean(),
  /** Left out where nothing is known to be missing. */
  damaged: damagedSchema.optional(),
});

/** What a chart's points were made of: the results themselves, or rollups of them in buckets of this width. */
export const SERIES_LEVELS = ['raw', '5min', '1h', '1d'] as const;
export type SeriesLevel = (typeof SERIES_LEVELS)[number];

const MOST_PERCENTILES = 10;

/** `50,95,99.9`: percentiles as a query writes them, none twice. */
const percentileList = z
  .string()
  .max(200)
  .regex(
    /^\d{1,3}(\.\d{1,6})?(,\d{1,3}(\.\d{1,6})?)*$/,
    'write numbers from 0 to 100 with commas between them, as 50,95,99',
  )
  .transform((text) => [...new Set(text.split(',').map(Number))])
  .pipe(
    z
      .array(z.number().max(100, 'a percentile is from 0 to 100'))
      .max(MOST_PERCENTILES, `has more than ${MOST_PERCENTILES} percentiles`),
  );

/** A chart's question: one metric of one check, over time, a line per agent, target and instance. */
export const seriesQuerySchema = z.object({
  check: digits(1),
  /** A metric's id; or that of samples with `[]` after it: every observation of the runs. */
  metric: z
    .string()
    .regex(
      /^[a-z][a-z0-9_]{0,63}(\[\])?$/,
      'write the id of a metric, as rtt_avg_ms, or of samples with [] after it, as rtts_ms[]',
    ),
  agent: digits(1).optional(),
  target: digits(1).optional(),
  from: givenInstantSchema,
  to: givenInstantSchema,
  /** Most points per line: where more are stored, each point is a bucket's mean with its min and max. */
  points: digits(10, 5000).default(1000),
  /** Percentiles that each bucket is to tell, by nearest rank and within 1 %. */
  percentiles: percentileList.optional(),
});
const charted = z.array(z.number().nullable());
export const seriesSchema = z.object({
  /** Width of a bucket in ms; null: each point is a stored result. */
  bucketMs: z.int().nullable(),
  level: z.enum(SERIES_LEVELS),
  /** What the window has before this instant (epoch ms) was stored and is deleted by retention; null where nothing of it is. */
  retiredBeforeMs: z.int().nullable(),
  /** How many `lines` of `series` are returned, of at most `points` points each; null: nothing was left out. */
  capped: z.object({ series: z.int(), lines: z.int(), points: z.int() }).nullable(),
  lines: z.array(
    z.object({
      agent: idSchema,
      agentName: z.string(),
      target: idSchema,
      address: z.string(),
      instance: z.string(),
      /** Epoch ms, ascending. */
      at: z.array(z.int()),
      /** null: absent in that result or bucket. Texts are not charted. */
      value: charted,
      min: charted.optional(),
      max: charted.optional(),
      verdict: z.array(z.enum(['up', 'degraded', 'down', 'unknown'])),
      /** Age in ms from which on its newest point no longer says how it is: `unknown`, cause `not_heard`. Left out for a removed check. */
      notHeardAfterMs: z.number().optional(),
      /** How often the metric was absent, by reason. */
      absent: z.record(z.string(), z.int()),
      /** Where some of its points come from a coarser level than the answer's: its runs are too far apart for that one. */
      level: z.enum(SERIES_LEVELS).optional(),
      /** Of each bucket, as asked for, in that order; null where there is no value, or the metric keeps no percentiles. Left out where points are single results. */
      percentiles: z.array(z.object({ percentile: z.number(), value: charted })).optional(),
    }),
  ),
  /** Left out where nothing is known to be missing. */
  damaged: damagedSchema.optional(),
});
export type SeriesPoints = z.infer<typeof seriesSchema>;

export const overviewSchema = z.object({
  agents: z.object({ total: z.int(), online: z.int() }),
  targets: z.int(),
  tests: z.object({ total: z.int(), running: z.int() }),
  /** Verdict of each planned series now: of its newest result, or `unknown` where that is missing or too old to tell. */
  verdicts: verdictCountsSchema,
  /** Planned series that wait for their first result. */
  waiting: z.int(),
  resultsPerMinute: z.number(),
  coveragePct: z.number().nullable(),
  recent: z.array(resultSchema),
  damaged: damagedCountsSchema.optional(),
  /** What is wrong with the clock of the server's host. Left out: nothing. */
  clockProblem: clockProblemSchema.optional(),
});
export type Overview = z.infer<typeof overviewSchema>;

/** Events of `GET /api/v1/live` (Server-Sent Events): the event's name, and its JSON data. */
export interface LiveEvents {
  /** Committed results, newest last; one event per commit, at most some hundred a second. */
  readonly results: {
    readonly results: readonly Result[] /** Left out because the reader was too slow or the commit too large. */;
    readonly omitted: number;
  };
  readonly missed: { readonly agent: number; readonly record: z.infer<typeof missedRecordSchema> };
  readonly progress: {
    readonly agent: number;
    readonly check: number;
    readonly target: number;
    readonly at: number;
    readonly line: string;
  };
  /** Something of an agent has changed (its state, or a copy of it was turned away); this is how it stands now. */
  readonly agent: { readonly id: number; readonly status: 'online' | 'offline' | 'revoked' };
  readonly test: {
    readonly id: number;
    readonly change: 'created' | 'changed' | 'started' | 'stopped' | 'completed' | 'deleted';
  };
}
