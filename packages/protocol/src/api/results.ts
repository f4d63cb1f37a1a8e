import { z } from 'zod';
import { type missedRecordSchema, runRecordSchema } from '../record.ts';
import { digits, idSchema, instantSchema, verdictCountsSchema } from './common.ts';

/** A stored result with what it belongs to. `at` is ISO; late and took in ms. */
export const resultSchema = runRecordSchema.omit({ t: true, at: true }).extend({
  at: instantSchema,
  epoch: z.int(),
  agent: idSchema,
  agentName: z.string(),
  test: idSchema,
  probe: z.string(),
  address: z.string(),
});
export type Result = z.infer<typeof resultSchema>;

export const resultsQuerySchema = z.object({
  agent: digits(1).optional(),
  check: digits(1).optional(),
  target: digits(1).optional(),
  verdict: z.enum(['up', 'degraded', 'down', 'unknown']).optional(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  limit: digits(1, 1000).default(100),
});
export const resultsSchema = z.object({ results: z.array(resultSchema), more: z.boolean() });

/** A chart's question: one metric of one check, over time, a line per agent, target and instance. */
export const seriesQuerySchema = z.object({
  check: digits(1),
  metric: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  agent: digits(1).optional(),
  target: digits(1).optional(),
  from: instantSchema,
  to: instantSchema,
  /** Most points per line: where more are stored, each point is a bucket's mean with its min and max. */
  points: digits(10, 5000).default(1000),
});
export const seriesSchema = z.object({
  /** Width of a bucket in ms; null: each point is a stored result. */
  bucketMs: z.int().nullable(),
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
      value: z.array(z.number().nullable()),
      min: z.array(z.number().nullable()).optional(),
      max: z.array(z.number().nullable()).optional(),
      verdict: z.array(z.enum(['up', 'degraded', 'down', 'unknown'])),
      /** How often the metric was absent, by reason. */
      absent: z.record(z.string(), z.int()),
    }),
  ),
});
export type Series = z.infer<typeof seriesSchema>;

export const overviewSchema = z.object({
  agents: z.object({ total: z.int(), online: z.int() }),
  targets: z.int(),
  tests: z.object({ total: z.int(), running: z.int() }),
  /** Latest verdict of each series. */
  verdicts: verdictCountsSchema,
  resultsPerMinute: z.number(),
  coveragePct: z.number().nullable(),
  recent: z.array(resultSchema),
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
  readonly agent: { readonly id: number; readonly status: 'online' | 'offline' | 'revoked' };
  readonly test: {
    readonly id: number;
    readonly change: 'created' | 'changed' | 'started' | 'stopped' | 'completed' | 'deleted';
  };
}
