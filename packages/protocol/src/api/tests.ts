import { expectationSchema } from '@netsonde/probes/catalog';
import { z } from 'zod';
import { labelsSchema } from '../labels.ts';
import { nameSchema } from '../name.ts';
import { damagedCountsSchema, givenInstantSchema, idSchema, instantSchema, verdictCountsSchema } from './common.ts';

export const TEST_STATES = ['scheduled', 'running', 'stopped', 'completed'] as const;

/** Which agents run a test: chosen ones, all that carry the labels (later ones too), or any N that are online. */
export const agentSelectionSchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('chosen'), agents: z.array(idSchema).max(10_000) }),
  z.strictObject({ by: z.literal('labels'), labels: labelsSchema }),
  z.strictObject({ by: z.literal('any'), count: z.int().min(1).max(1000) }),
]);
export type AgentSelection = z.infer<typeof agentSelectionSchema>;

const targetInput = z.strictObject({ address: z.string().trim().min(1).max(2301), labels: labelsSchema.default({}) });
const checkInput = z.strictObject({
  probe: z.string().max(32),
  /** Fields of the probe's schema; what is left out takes its default. */
  options: z.record(z.string(), z.json()).default({}),
  expectations: z.array(expectationSchema).max(32).default([]),
  /** s; absent or null: the test's interval. */
  interval: z.number().min(0.1).max(604_800).nullable().default(null),
});

/** A test as people write it. Defaults of interval and duration are the server's settings. Duration null: until stopped. */
export const testInputSchema = z.strictObject({
  name: nameSchema,
  description: z.string().trim().max(2000).default(''),
  targets: z.array(targetInput).min(1).max(10_000),
  checks: z.array(checkInput).min(1).max(100),
  agents: agentSelectionSchema,
  /** s between two runs of the same check against the same target. */
  interval: z.number().min(0.1).max(604_800).optional(),
  /** s. */
  duration: z.number().min(1).max(315_360_000).nullable().optional(),
  /** null: at once, where the test has not begun yet. Absent: at once for a new test, an edit keeps what it has. */
  startAt: givenInstantSchema.nullable().optional(),
});
export type TestInput = z.input<typeof testInputSchema>;

export const testSchema = z.object({
  id: idSchema,
  name: z.string(),
  description: z.string(),
  state: z.enum(TEST_STATES),
  targets: z.array(z.object({ id: idSchema, address: z.string(), labels: labelsSchema })),
  checks: z.array(
    z.object({
      id: idSchema,
      probe: z.string(),
      options: z.record(z.string(), z.json()),
      expectations: z.array(expectationSchema),
      interval: z.number().nullable(),
      /** Why no agent is given it, and what to do; absent: nothing is wrong with it. */
      fault: z.string().optional(),
    }),
  ),
  agents: agentSelectionSchema,
  interval: z.number(),
  duration: z.number().nullable(),
  startAt: instantSchema,
  endAt: instantSchema.nullable(),
  /** The instant from which no run of it is due any more, by its end or its stop; null: it has not come yet. Its verdicts are as of then. */
  endedAt: instantSchema.nullable(),
  createdAt: instantSchema,
  /** Agents that run it now. */
  assigned: z.array(z.object({ id: idSchema, name: z.string(), online: z.boolean() })),
  /** What the owner should know: nobody online runs it, an agent refuses a check... */
  warnings: z.array(z.string()),
  /** Share of the duration that has passed, 0 to 100; null without a duration. */
  progressPct: z.number().nullable(),
  /** Verdict of each of its series now, or at its end: of the newest result, or `unknown` where that is missing or too old to tell. */
  verdicts: verdictCountsSchema,
  /** Series of it that wait for their first result. */
  waiting: z.int(),
  /** Results stored in all. */
  resultCount: z.int(),
  /** What damage may take from its verdicts and results. */
  damaged: damagedCountsSchema.optional(),
});
export type Test = z.infer<typeof testSchema>;
