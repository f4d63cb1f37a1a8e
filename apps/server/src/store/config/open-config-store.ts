import { Kysely, Migrator, SqliteDialect } from 'kysely';
import type { ConfigSchema } from '../config-schema.ts';
import { openDatabase } from '../open-database.ts';
import { storeErrorOf } from '../store-error.ts';
import { guardedDatabase } from './guarded-database.ts';
import { migrations } from './migrations.ts';

/** The configuration store: tests, access and fleet. */
export interface ConfigStore {
  readonly db: Kysely<ConfigSchema>;
  close(): Promise<void>;
}

/**
 * Opens the configuration database and brings it to this version's tables.
 * @param file path of the SQLite file. Created if it does not exist.
 * @throws StoreError that names the file when it is damaged, cannot be opened, or is of a newer version.
 */
export async function openConfigStore(file: string): Promise<ConfigStore> {
  const database = openDatabase(file, { pageSize: 4096, cacheKib: 2048 });
  const db = new Kysely<ConfigSchema>({ dialect: new SqliteDialect({ database: guardedDatabase(database, file) }) });
  try {
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    if (error !== undefined) throw error;
  } catch (error) {
    await db.destroy();
    throw storeErrorOf(error, file);
  }
  return Object.freeze({ db, close: () => db.destroy() });
}
