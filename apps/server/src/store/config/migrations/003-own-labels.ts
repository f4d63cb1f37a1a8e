import type { Kysely } from 'kysely';

/**
 * Separates the administrator's labels from those that agents declare. Enrolled agents keep their labels as the
 * administrator's, and existing tokens keep their behaviour, so that no test loses its agents.
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
