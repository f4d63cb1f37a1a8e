import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { ResultStore } from '../store/result-store.ts';

/** Spans deleted per step. */
const MOST_SPANS = 1000;

/**
 * Deletes the results of deleted tests first, then their rows: a crash in between leaves the tests marked as deleted.
 * Spans are deleted in steps, so that the event loop handles other events in between.
 */
export async function purgeDeleted(db: Kysely<ConfigSchema>, store: Pick<ResultStore, 'forget'>): Promise<void> {
  const checks = await db
    .selectFrom('check')
    .innerJoin('test', 'test.id', 'check.test_id')
    .select('check.id')
    .where('test.deleted_at', 'is not', null)
    .execute();
  if (checks.length > 0) await store.forget(checks.map(({ id }) => id));
  for (const { id } of checks) await deleteSpans(db, id);
  await db.deleteFrom('test').where('deleted_at', 'is not', null).execute();
}

async function deleteSpans(db: Kysely<ConfigSchema>, check: number): Promise<void> {
  for (;;) {
    const { numDeletedRows } = await db
      .deleteFrom('assignment_span')
      .where('id', 'in', (spans) =>
        spans.selectFrom('assignment_span').select('id').where('check_id', '=', check).limit(MOST_SPANS),
      )
      .executeTakeFirstOrThrow();
    if (numDeletedRows < BigInt(MOST_SPANS)) return;
    await nextTurn();
  }
}
