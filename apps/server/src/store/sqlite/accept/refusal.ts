import type { RefusedReason } from '@netsonde/protocol';

/** Why a record does not become a result. */
export interface Refusal {
  readonly reason: RefusedReason;
  /** For the agent and the log. */
  readonly because: string;
  /** The check and target that the record names; 0 where it names none. */
  readonly check: number;
  readonly target: number;
  /** The planned instant that the record would have accounted for; null: none. */
  readonly dueMs: number | null;
}

const YEAR_10000_MS = 253_402_300_800_000;

/** An instant for a sentence. */
export const instantText = (ms: number): string =>
  ms < YEAR_10000_MS ? new Date(ms).toISOString() : `${ms} ms after 1970`;

const WHY = {
  not_planned: (what: string, at: string) => `at: the plan has no run of ${what} on this agent at ${at}`,
  repeated: (what: string, at: string) =>
    `at: as many repeated runs of ${what} are stored as the plan has had instants until now, so the clock cannot have gone back again to ${at}`,
  accounted: (what: string, at: string) => `from: the runs of ${what} from ${at} on are accounted for already`,
  ended: (what: string, at: string) => `at: ${what} had ended on this agent before ${at}`,
  future: (what: string, at: string) => `at: ${at} is in the future, by this agent's clock too (${what})`,
  deleted: (what: string) => `check: ${what}: there is no such check (its test was deleted or changed)`,
  unplanned_full: (what: string) =>
    `check: ${what}: the plan does not know it, and this agent's space for records outside of the plan is used up`,
} as const;

/** A refusal of a record whose fields are sound. */
export function refusalOf(
  why: keyof typeof WHY,
  { check, target, at }: { readonly check: number; readonly target: number; readonly at: number },
  dueMs: number | null = null,
): Refusal {
  const because = WHY[why](`check ${check}, target ${target}`, instantText(at));
  const reason = why === 'repeated' || why === 'accounted' ? 'not_planned' : why;
  return { reason, because, check, target, dueMs };
}
