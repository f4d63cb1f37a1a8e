import type { KnownIncarnation } from '@netsonde/protocol';
import type { Kysely } from 'kysely';
import { loadRevision } from '../planning/revision.ts';
import type { ConfigSchema } from '../store/config-schema.ts';

/** Sequence ranges that the server has received of an agent, by epoch. */
export type ReceivedRanges = readonly {
  readonly epoch: number;
  readonly ranges: readonly (readonly [number, number])[];
}[];

/**
 * Whether an agent knows a later state of this very incarnation than the database holds: a later revision of the plan,
 * or an acknowledgement of a record that the server does not have. Both are durable before an agent hears of them.
 */
export async function knowsLater(
  db: Kysely<ConfigSchema>,
  { revision, acknowledged }: KnownIncarnation,
  received: ReceivedRanges,
): Promise<boolean> {
  if (revision > (await loadRevision(db))) return true;
  if (acknowledged === undefined) return false;
  const { epoch, seq } = acknowledged;
  const ranges = received.find((one) => one.epoch === epoch)?.ranges ?? [];
  return !ranges.some(([from, to]) => from <= seq && seq <= to);
}
