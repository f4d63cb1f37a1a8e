import type { Database } from 'better-sqlite3';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import type { ConfigSchema } from '../config-schema.ts';
import { openDatabase } from '../open-database.ts';
import { assertSchema, schemaCheck } from '../schema-check.ts';
import { openingErrorOf } from '../store-error.ts';
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
  try {
    assertSchema(database, file, readSchemaCheck(database));
  } catch (error) {
    database.close();
    throw openingErrorOf(error, file);
  }
  const db = new Kysely<ConfigSchema>({ dialect: new SqliteDialect({ database: guardedDatabase(database, file) }) });
  try {
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    if (error !== undefined) throw error;
    keepSchemaCheck(database);
  } catch (error) {
    await db.destroy();
    throw openingErrorOf(error, file);
  }
  return Object.freeze({ db, close: () => db.destroy() });
}

const SCHEMA_KEY = 'schema_check';

/** The migrator's own tables come first: a file that has only these is new. */
const OWN_TABLES = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'kysely%' AND name NOT LIKE 'sqlite%'`;

/** undefined: none is stored, as in a new file and in those of earlier versions. */
function readSchemaCheck(database: Database): number | undefined {
  if (database.prepare(OWN_TABLES).get() === undefined) return undefined;
  const value = database.prepare('SELECT value FROM setting WHERE key = ?').pluck().get(SCHEMA_KEY);
  return typeof value === 'string' ? Number(value) : undefined;
}

/** Stores the check of the table definitions where it has changed. */
function keepSchemaCheck(database: Database): void {
  const check = schemaCheck(database);
  if (readSchemaCheck(database) === check) return;
  database.prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)').run(SCHEMA_KEY, String(check));
}
