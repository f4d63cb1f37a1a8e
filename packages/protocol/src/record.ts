import { ABSENCE_REASONS, CAUSES, LARGEST_FIGURE, SIDES, VERDICTS } from '@netsonde/probes/catalog';
import { z } from 'zod';
import { openWord } from './words.ts';

/**
 * Kinds of records, each with the minor version of the protocol that introduced it. An agent holds back the kinds that its
 * server is too old for.
 */
export const RECORD_KINDS: Readonly<Record<AgentRecord['t'], number>> = { run: 1, missed: 1 };

/** Largest record an agent may make, in bytes of JSON: it must fit one frame. */
export const MAX_RECORD_BYTES = 56 * 1024;

/**
 * Why a scheduled run was not made. Every scheduled instant without a result is counted under one of these. `policy`: the
 * agent refuses the check or the target; `not_assigned_yet`: the server had planned it, and the agent did not know of it yet; `budget`: the run would have exceeded its owner's limit of packets or bytes; `late`: the agent was too busy to begin it in time.
 */
export const MISSED_REASONS = [
  'agent_off',
  'not_assigned_yet',
  'killed_mid_run',
  'overlap',
  'slot_busy',
  'cancelled',
  'policy',
  'clock_stepped',
  'budget',
  'late',
] as const;
export type MissedReason = (typeof MISSED_REASONS)[number];

/** Why an agent lost a record that it had already made. `unwritable`: the format of its spool has no room for it. */
export const DROP_REASONS = ['disk_full', 'spool_bytes', 'spool_age', 'torn', 'corrupt', 'unwritable'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/**
 * What makes a run's figures doubtful, found by the agent itself. `repeated`: the wall clock had gone back, and this
 * scheduled instant is accounted for already: the ledger does not count the run again. `clock_unsure`: the agent had no
 * clock that anybody confirmed, and the instant is its best estimate.
 */
export const RUN_FLAGS = [
  'loop_delayed',
  'started_late',
  'clock_stepped',
  'repeated',
  'stalled',
  'clock_unsure',
] as const;
export type RunFlag = (typeof RUN_FLAGS)[number];

/** Where a server keeps the fields of a record that it does not know, as they came. */
export const NEWER_FIELDS = 'newer_fields';

const id = z.int().positive();
/** See `seriesTag`. Absent: the agent, the server, the check or the target is older than tags. */
const tag = z
  .int()
  .nonnegative()
  .max(2 ** 32 - 1)
  .optional();
const metricId = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/);
const figure = z.number().min(-LARGEST_FIGURE).max(LARGEST_FIGURE);
/** A span in ms: at most some 17,000 years, as clocks. */
const spanMs = z
  .number()
  .nonnegative()
  .max(2 ** 49);
const metrics = z.record(metricId, z.union([figure, z.boolean(), z.string().max(4096)]));
const absent = z.record(metricId, openWord(ABSENCE_REASONS));

/** Position of a record in its agent's life: (agent, epoch, seq) names it once and for all. */
const seq = z.int().nonnegative();

/**
 * One run's result, as kept in the spool and sent: `at` is the scheduled instant, epoch ms by the agent's clock.
 * Fields of a newer agent that this version does not know are kept in `detail` under {@link NEWER_FIELDS}.
 */
export const runRecordSchema = z.object({
  t: z.literal('run'),
  seq,
  check: id,
  target: id,
  tag,
  at: z.int().nonnegative(),
  /** Start after `at`, ms. */
  late: spanMs,
  /** Duration, ms. */
  took: spanMs,
  verdict: z.enum(VERDICTS),
  finding: z.object({ cause: openWord(CAUSES), side: openWord(SIDES), operation: z.string().max(500) }).optional(),
  metrics,
  absent,
  samples: z.record(metricId, z.array(figure.nullable()).max(4096)).optional(),
  instances: z
    .array(z.object({ key: z.string().min(1).max(200), metrics, absent }))
    .max(512)
    .optional(),
  stamps: z.object({ kernel: z.int().nonnegative(), process: z.int().nonnegative() }),
  flags: z.array(openWord(RUN_FLAGS)).max(64).optional(),
  detail: z.record(z.string(), z.json()).optional(),
  /** The run's own log; kept when the verdict is not `up`. */
  log: z.array(z.string().max(600)).max(201).optional(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** `count` scheduled runs of one (check, target) between the instants `from` and `to` (both included) that were not made. */
export const missedRecordSchema = z.object({
  t: z.literal('missed'),
  seq,
  check: id,
  target: id,
  tag,
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  count: z.int().positive(),
  reason: openWord(MISSED_REASONS),
});
export type MissedRecord = z.infer<typeof missedRecordSchema>;

/** Everything that an agent keeps until the server has acknowledged it. */
export const agentRecordSchema = z.discriminatedUnion('t', [runRecordSchema, missedRecordSchema]);
export type AgentRecord = z.infer<typeof agentRecordSchema>;

/** A stretch of sequence numbers that the agent lost, and whose runs they were. */
export const dropSchema = z.object({
  fromSeq: seq,
  toSeq: seq,
  reason: openWord(DROP_REASONS),
  /** Results lost per (check, target), with the first and last scheduled instant; empty where the records can no longer be read. */
  runs: z
    .array(z.object({ check: id, target: id, tag, count: z.int().positive(), from: z.int(), to: z.int() }))
    .max(256),
  /** Results lost in all; equals the sum of `runs` where those are known. */
  count: z.int().nonnegative(),
});
export type Drop = z.infer<typeof dropSchema>;
