import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** Users, sessions and tokens; agents; tests with their checks and targets; assignment spans; audit; settings. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await access(db);
  await fleet(db);
  await tests(db);
  await spans(db);
  await db.schema
    .createTable('audit')
    .$call(withId)
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('audit_at').on('audit').column('at').execute();
  await db.schema
    .createTable('setting')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();
}

/** Ids are never reused, so that results of a deleted row cannot belong to another. */
const withId = <T extends string>(table: CreateTableBuilder<T>): CreateTableBuilder<T | 'id'> =>
  table.addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement());

async function access(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user')
    .$call(withId)
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('user_username').unique().on('user').expression(sql`lower(username)`).execute();
  await db.schema
    .createTable('user_session')
    .addColumn('id_hash', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'integer', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('csrf', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('user_session_user').on('user_session').column('user_id').execute();
  await db.schema
    .createTable('api_token')
    .$call(withId)
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .execute();
  await db.schema
    .createTable('enrolment_token')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('secret_key', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('uses_left', 'integer')
    .execute();
}

async function fleet(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agent')
    .$call(withId)
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addColumn('system', 'text')
    .addColumn('capabilities', 'text', (c) => c.notNull())
    .addColumn('address', 'text')
    .addColumn('enrolled_at', 'bigint', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('clock_offset_ms', 'double precision')
    .addColumn('clock_error_ms', 'double precision')
    .execute();
  const current = sql<boolean>`revoked_at is null`;
  await db.schema.createIndex('agent_name').unique().on('agent').column('name').where(current).execute();
  await db.schema.createIndex('agent_public_key').unique().on('agent').column('public_key').where(current).execute();
}

async function tests(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('test')
    .$call(withId)
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('selection', 'text', (c) => c.notNull())
    .addColumn('interval_ms', 'bigint', (c) => c.notNull())
    .addColumn('duration_ms', 'bigint')
    .addColumn('start_at', 'bigint', (c) => c.notNull())
    .addColumn('end_at', 'bigint')
    .addColumn('stopped_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint')
    .execute();
  await db.schema
    .createTable('target')
    .$call(withId)
    .addColumn('test_id', 'integer', (c) => c.notNull().references('test.id').onDelete('cascade'))
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addColumn('removed_at', 'bigint')
    .execute();
  await db.schema.createIndex('target_test').on('target').column('test_id').execute();
  await db.schema
    .createTable('check')
    .$call(withId)
    .addColumn('test_id', 'integer', (c) => c.notNull().references('test.id').onDelete('cascade'))
    .addColumn('probe', 'text', (c) => c.notNull())
    .addColumn('options', 'text', (c) => c.notNull())
    .addColumn('expectations', 'text', (c) => c.notNull())
    .addColumn('interval_ms', 'bigint')
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('removed_at', 'bigint')
    .execute();
  await db.schema.createIndex('check_test').on('check').column('test_id').execute();
}

async function spans(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('assignment_span')
    .$call(withId)
    .addColumn('agent_id', 'integer', (c) => c.notNull().references('agent.id').onDelete('cascade'))
    .addColumn('check_id', 'integer', (c) => c.notNull().references('check.id').onDelete('cascade'))
    .addColumn('target_id', 'integer', (c) => c.notNull().references('target.id').onDelete('cascade'))
    .addColumn('interval_ms', 'bigint', (c) => c.notNull())
    .addColumn('from_ms', 'bigint', (c) => c.notNull())
    .addColumn('to_ms', 'bigint')
    .execute();
  await db.schema
    .createIndex('assignment_span_agent')
    .on('assignment_span')
    .columns(['agent_id', 'check_id', 'target_id'])
    .execute();
  await db.schema
    .createIndex('assignment_span_check')
    .on('assignment_span')
    .columns(['check_id', 'target_id'])
    .execute();
}
