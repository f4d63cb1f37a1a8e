import { type Kysely, sql } from 'kysely';

/** Key rotation of agents and of the server, rejected copies of agents, and listening agents. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const columns = [
    ['previous_public_key', 'text'],
    ['server_key', 'text'],
    ['clone_address', 'text'],
    ['clone_seen_at', 'bigint'],
  ] as const;
  for (const [name, type] of columns) await db.schema.alterTable('agent').addColumn(name, type).execute();
  await db.schema
    .createIndex('agent_previous_public_key')
    .on('agent')
    .column('previous_public_key')
    .where(sql<boolean>`previous_public_key is not null`)
    .execute();
  await db.schema
    .createTable('listening_agent')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('url', 'text', (c) => c.notNull().unique())
    .addColumn('agent_id', 'integer', (c) => c.references('agent.id').onDelete('set null'))
    .addColumn('added_at', 'bigint', (c) => c.notNull())
    .addColumn('last_error', 'text')
    .addColumn('last_error_at', 'bigint')
    .execute();
}
