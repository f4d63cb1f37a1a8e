import type { Kysely } from 'kysely';

/** The host that has an agent's name, and the one that was held as a copy of it last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['host', 'clone_host']) await db.schema.alterTable('agent').addColumn(column, 'text').execute();
}
