import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';

/**
 * The server's incarnations: one more each time that its data were put back to an older state. Random tags beside the
 * ids of checks and targets.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incarnation')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('word', 'text', (c) => c.notNull())
    .addColumn('began_ms', 'bigint', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('revision', 'bigint', (c) => c.notNull())
    .addColumn('lost_from_ms', 'bigint')
    .addColumn('check_from', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('check_to', 'bigint', (c) => c.notNull().defaultTo(-1))
    .addColumn('target_from', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('target_to', 'bigint', (c) => c.notNull().defaultTo(-1))
    .execute();
  const word = randomBytes(8).toString('hex');
  await sql`INSERT INTO incarnation (word, began_ms, why, revision) VALUES (${word}, ${Date.now()}, 'first', 0)`.execute(
    db,
  );
  for (const table of ['check', 'target']) await db.schema.alterTable(table).addColumn('tag', 'bigint').execute();
}
