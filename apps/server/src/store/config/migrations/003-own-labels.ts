import type { Kysely } from 'kysely';

/**
 * Labels of the administrator apart from those that agents declare. Agents that are enrolled keep the labels that they
 * have as the administrator's, and tokens that exist go on as they were made, so that no test loses its agents.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('agent')
    .addColumn('own_labels', 'text', (c) => c.notNull().defaultTo('{}'))
    .execute();
  await db.schema
    .alterTable('agent')
    .addColumn('own_labels_select', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('enrolment_token')
    .addColumn('labels', 'text', (c) => c.notNull().defaultTo('{}'))
    .execute();
  await db.schema
    .alterTable('enrolment_token')
    .addColumn('own_labels_select', 'integer', (c) => c.notNull().defaultTo(1))
    .execute();
}
