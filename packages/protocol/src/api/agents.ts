import { z } from 'zod';
import { labelsSchema } from '../labels.ts';
import { nameSchema } from '../name.ts';
import { capabilitySchema, systemSchema } from '../session/messages.ts';
import { WORD } from '../words.ts';
import { clockProblemSchema } from './clock.ts';
import { damagedCountsSchema, digits, givenInstantSchema, idSchema, instantSchema } from './common.ts';
import { listeningAgentSchema } from './fleet-keys.ts';

/** Counts by reason; a reason that only a newer agent knows stands under its own word. */
const counts = z.record(z.string().regex(WORD), z.int().nonnegative());

export const agentSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** The administrator's: tests select by them. */
  labels: labelsSchema,
  /** Those that the agent declared in its last session. */
  ownLabels: labelsSchema,
  /** Whether its own labels select tests too: its enrolment token allowed it. */
  ownLabelsSelect: z.boolean(),
  status: z.enum(['online', 'offline', 'revoked']),
  /** Nothing was heard of it for two heartbeats although its connection is open: its status is `offline`. */
  silent: z.boolean(),
  /**
   * Whether it is heard, and since when that is so. `not_heard`: for two heartbeats, although its connection is open;
   * since its last message. `offline`: without a connection, since its last message; null: it never sent one.
   */
  presence: z.object({
    state: z.enum(['online', 'not_heard', 'offline', 'revoked']),
    since: instantSchema.nullable(),
  }),
  /** The remote address of its session, as the server saw it. */
  address: z.string().nullable(),
  system: systemSchema.nullable(),
  capabilities: z.array(capabilitySchema),
  enrolledAt: instantSchema,
  /** When anything was heard of it last; null: never. */
  lastSeenAt: instantSchema.nullable(),
  /**
   * Agent's clock minus server's, ms, with its bound, as both were when they were measured last; null: not measured.
   * The bound does not grow with the time since: nobody knows how fast software has slewed a clock meanwhile.
   */
  clockOffsetMs: z.number().nullable(),
  clockErrorMs: z.number().nullable(),
  /** When that was; null: before its present session, `lastSeenAt` at the latest. */
  clockMeasuredAt: instantSchema.nullable(),
  /** What the agent itself knows of the time. Left out: it has no session, or is an older one. */
  clock: z
    .object({
      /** How far what it dates its results by can be off, ms; null: nobody has confirmed it. */
      errorMs: z.number().nullable(),
      /** Whether a time service keeps its host's clock in step; null: the platform does not say. */
      synchronised: z.boolean().nullable(),
      /** What is wrong with its host's clock; null: it is used as it is. */
      problem: clockProblemSchema.nullable(),
    })
    .optional(),
  /** Where this server dials it, and how that goes; null: the agent dials. */
  listening: listeningAgentSchema.nullable(),
  /** Where somebody with this agent's key was turned away last: the data folder was copied. null: nowhere. */
  clone: z.object({ address: z.string(), at: instantSchema }).nullable(),
  assignment: z.object({ checks: z.int(), inStep: z.boolean() }),
  spool: z
    .object({ records: z.int(), bytes: z.int(), oldestAt: instantSchema.nullable(), dropped: z.int() })
    .nullable(),
  loopDelayP99Ms: z.number().nullable(),
  /** Of the last 24 h, as `coveragePct` of its ledger gives it. */
  coveragePct: z.number().nullable(),
  /** Runs whose records were refused since its enrolment, by reason. */
  refused: counts,
  /** Records of checks that this server does not know, kept apart; null: none. */
  unplanned: z.object({ records: z.int(), bytes: z.int(), firstAt: instantSchema, lastAt: instantSchema }).nullable(),
  /** What damage may take from its coverage, refused and unplanned records. */
  damaged: damagedCountsSchema.optional(),
});
export type Agent = z.infer<typeof agentSchema>;
export const changeAgentSchema = z.strictObject({ name: nameSchema.optional(), labels: labelsSchema.optional() });

/** One row of what is refused of an agent; check 0 and target 0: all other checks and targets. */
export const refusedSeriesSchema = z.object({
  check: z.int().nonnegative(),
  target: z.int().nonnegative(),
  reason: z.string().regex(WORD),
  count: z.int(),
  firstAt: instantSchema,
  lastAt: instantSchema,
});
export const refusedQuerySchema = z.object({ limit: digits(1, 1000).default(100) });
export const unplannedQuerySchema = z.object({ after: digits(0).default(0), limit: digits(1, 100).default(20) });
export const unplannedSchema = z.object({
  /** Frames as they were received, oldest first. */
  frames: z.array(z.object({ epoch: z.int(), receivedAt: instantSchema, records: z.array(z.json()) })),
  /** Where to go on with `after`; null: that was all. */
  next: z.int().nullable(),
  damaged: damagedCountsSchema.optional(),
});

/** expected = stored + dropped + missed + refused + outstanding (nothing received yet), per check and target, within the window. */
export const ledgerRowSchema = z.object({
  agent: idSchema,
  agentName: z.string(),
  test: idSchema,
  testName: z.string(),
  check: idSchema,
  probe: z.string(),
  target: idSchema,
  address: z.string(),
  expected: z.int(),
  stored: z.int(),
  /** Of `stored`, how many retention has deleted since. */
  retired: z.int().nonnegative(),
  /** Stored runs at instants that another run covers: the agent's clock went back. They are no part of `expected`. Left out: none. */
  repeated: z.int().nonnegative().optional(),
  dropped: counts,
  missed: counts,
  refused: counts,
  outstanding: z.int(),
  /** Of `outstanding`, how many are due since less than SETTLING_MS: they may be on their way, and coverage leaves them out. */
  pending: z.int().nonnegative(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

/**
 * Runs whose records an agent lost and can no longer read: nobody knows of which check and target they were. They are
 * counted at the time that the server heard of them, and are among what is outstanding in the agent's rows.
 */
export const unreadableDropsSchema = z.object({
  agent: idSchema,
  agentName: z.string(),
  dropped: counts,
});
export type UnreadableDrops = z.infer<typeof unreadableDropsSchema>;

export const ledgerSchema = z.object({
  from: instantSchema,
  to: instantSchema,
  rows: z.array(ledgerRowSchema),
  /** One per agent that lost such records, on the first page; none in the ledger of one test, since they belong to no test for certain. */
  unreadable: z.array(unreadableDropsSchema),
  /** Where to go on with `cursor`; null: these were all rows. */
  next: z.string().nullable(),
  damaged: damagedCountsSchema.optional(),
});
export const ledgerQuerySchema = z.object({
  from: givenInstantSchema.optional(),
  to: givenInstantSchema.optional(),
  agent: digits(1).optional(),
  test: digits(1).optional(),
  limit: digits(1, 10_000).default(10_000),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.\d{1,15}\.\d{1,15}$/, 'write what `next` says')
    .optional(),
});
