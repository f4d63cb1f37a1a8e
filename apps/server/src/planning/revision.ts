import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

const KEY = 'assignment_revision';

/** The highest revision of assignments so far. It keeps growing across restarts. */
export async function loadRevision(db: Kysely<ConfigSchema>): Promise<number> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  return row === undefined ? 0 : Number(row.value);
}

export async function saveRevision(db: Kysely<ConfigSchema>, revision: number): Promise<void> {
  const value = String(revision);
  await db
    .insertInto('setting')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
