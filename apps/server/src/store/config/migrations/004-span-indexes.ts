import type { Kysely } from 'kysely';

/** Indexes of spans: by target, for the deletion of targets, and by end, so that a window skips spans that ended before it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('assignment_span_target').on('assignment_span').column('target_id').execute();
  await db.schema.createIndex('assignment_span_end').on('assignment_span').column('to_ms').execute();
}
