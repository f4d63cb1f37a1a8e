import { expectationSchema } from '@netsonde/probes/catalog';
import { z } from 'zod';

/** Largest id of a check or target that an agent takes: its spool has 32 bits for each. */
export const MAX_ASSIGNED_ID = 2 ** 32 - 1;

/** Largest random tag beside an id. */
export const MAX_TAG = 2 ** 32 - 1;
const tag = z.int().nonnegative().max(MAX_TAG).optional();

const assignedId = z.int().positive().max(MAX_ASSIGNED_ID);

/**
 * One check of one test as one agent runs it. A check comes in several entries where its targets began at different
 * instants: each entry has targets of its own.
 */
export const assignedCheckSchema = z.object({
  check: assignedId,
  /** Tells this check from another one that got the same id: see `seriesTag`. Absent: an older server, or an older check. */
  tag,
  test: z.int().positive(),
  probe: z.string().max(32),
  /** Already validated by the server against the probe's schema; the agent validates again. */
  options: z.record(z.string(), z.json()),
  expectations: z.array(expectationSchema).max(32),
  intervalMs: z
    .int()
    .min(100)
    .max(86_400_000 * 7),
  /** First and (exclusive) last instant at which runs may be scheduled, epoch ms; `endMs` null: until stopped. */
  startMs: z.int().nonnegative(),
  endMs: z.int().nonnegative().nullable(),
  targets: z.array(z.object({ target: assignedId, tag, address: z.string().min(1).max(2301) })).max(10_000),
});
export type AssignedCheck = z.infer<typeof assignedCheckSchema>;

/**
 * A check as it arrives: only its id is sure. The agent reads each with `assignedCheckSchema` and refuses those that are
 * wrong, so that one of them does not cost it all the others.
 */
export const sentCheckSchema = z.looseObject({ check: z.int().positive() });
export type SentCheck = z.infer<typeof sentCheckSchema>;

/** All that an agent has to do. */
export interface Assignment {
  /** Grows with each change made on the server. */
  readonly revision: number;
  readonly checks: readonly AssignedCheck[];
}

/**
 * The text that both ends hash to prove that they mean the same assignment: checks by id and start, targets by id, keys sorted.
 * Hash it with SHA-256, hex.
 */
export function canonicalAssignment(checks: readonly SentCheck[]): string {
  const ordered = [...checks]
    .sort((a, b) => a.check - b.check || Number(a.startMs) - Number(b.startMs))
    .map((check) => (Array.isArray(check.targets) ? { ...check, targets: sortedTargets(check.targets) } : check));
  return JSON.stringify(ordered, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

const sortedTargets = (targets: readonly unknown[]): readonly unknown[] =>
  [...targets].sort((a, b) => targetId(a) - targetId(b));

const targetId = (target: unknown): number =>
  target !== null && typeof target === 'object' && 'target' in target ? Number(target.target) : 0;
