import type { ClockCorrection } from '@netsonde/metrics';
import type { Kysely } from 'kysely';
import { LEAD_MS } from '../plan/span.ts';
import type { ConfigSchema } from '../store/config-schema.ts';

/** A smaller correction changes no decision, ms. */
const SMALL_MS = 5000;

/**
 * Corrects what was decided by a wrong estimate of the time, in the tables of tests and spans. A test that was started or
 * stopped meanwhile was so before now. What began meanwhile ends where the wrong time ended, and begins again now: no one
 * could measure at the instants in between.
 * @param nowMs the corrected time, epoch ms
 */
export async function reconsiderTimes(
  db: Kysely<ConfigSchema>,
  { byMs, sinceMs, wasUnconfirmed }: ClockCorrection,
  nowMs: number,
): Promise<void> {
  if (!wasUnconfirmed || Math.abs(byMs) < SMALL_MS) return;
  const wrongMs = nowMs - byMs + LEAD_MS;
  await db.transaction().execute(async (tx) => {
    for (const column of ['start_at', 'stopped_at', 'end_at'] as const)
      await tx
        .updateTable('test')
        .set((row) => ({ [column]: row(row.ref(column), '+', byMs) }))
        .where(column, '>=', sinceMs)
        .where(column, '<=', wrongMs)
        .where(column, '>', nowMs)
        .execute();
    await tx
      .updateTable('test')
      .set((row) => ({ end_at: row(row.ref('start_at'), '+', row.ref('duration_ms')) }))
      .where('end_at', '>', nowMs)
      .where('duration_ms', 'is not', null)
      .execute();
    await tx
      .updateTable('assignment_span')
      .set({ to_ms: wrongMs })
      .where('from_ms', '>=', sinceMs)
      .where('from_ms', '<=', wrongMs)
      .where((is) => is.or([is('to_ms', 'is', null), is('to_ms', '>', wrongMs)]))
      .execute();
  });
}
