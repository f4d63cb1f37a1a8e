import { z } from 'zod';
import { instantSchema } from './common.ts';

/** What is wrong with a host's clock, in words for people. */
export const clockProblemSchema = z.object({
  /** `stepped`, `behind`, `ahead`, `contradicted` or `off`. */
  kind: z.string(),
  /** The host's clock minus the best estimate of the time, ms. */
  byMs: z.number(),
  since: instantSchema,
  text: z.string(),
});

/** What the server knows of the time. */
export const serverClockSchema = z.object({
  /** The best estimate. */
  now: instantSchema,
  /** How far it can be off, ms; null: nobody has confirmed it. */
  errorMs: z.number().nullable(),
  /** The time that it certainly is at least: nothing is deleted by a later one. null: nothing is certain. */
  least: instantSchema.nullable(),
  /** Who confirmed it last: `kernel`, `peer`, `day`, `administrator`, or `kept` from an earlier process. null: nobody. */
  witness: z.string().nullable(),
  /** Whether a time service keeps the host's clock in step; null: the platform does not say. */
  synchronised: z.boolean().nullable(),
  /** The host's clock minus the best estimate, ms. */
  hostAheadMs: z.number(),
  /** null: the host's clock is used as it is. */
  problem: clockProblemSchema.nullable(),
});
export type ServerClockState = z.infer<typeof serverClockSchema>;
