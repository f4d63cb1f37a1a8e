import type { Database } from 'better-sqlite3';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import type { ConfigSchema } from '../config-schema.ts';
import { openDatabase } from '../open-database.ts';
import { isSchemaIntact, type SchemaChecks, type StoredChecks, schemaChecks } from '../schema-check.ts';
import { damagedFile, openingErrorOf } from '../store-error.ts';
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
    if (!isSchemaIntact(database, storedChecks(database)))
      throw damagedFile(file, 'its table definitions are not those that were written');
  } catch (error) {
    database.close();
    throw openingErrorOf(error, file);
  }
  const db = new Kysely<ConfigSchema>({ dialect: new SqliteDialect({ database: guardedDatabase(database, file) }) });
  try {
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    if (error !== undefined) throw error;
    keepChecks(database);
  } catch (error) {
    await db.destroy();
    throw openingErrorOf(error, file);
  }
  return Object.freeze({ db, close: () => db.destroy() });
}

const KEYS = { definitions: 'schema_check', places: 'schema_places' } as const;

/** The migrator's own tables come first: a file that has only these is new. */
const OWN_TABLES = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'kysely%' AND name NOT LIKE 'sqlite%'`;

function storedChecks(database: Database): StoredChecks {
  const isNew = database.prepare(OWN_TABLES).get() === undefined;
  const stored = (name: keyof SchemaChecks): number | undefined => {
    if (isNew) return undefined;
    const value = database.prepare('SELECT value FROM setting WHERE key = ?').pluck().get(KEYS[name]);
    return typeof value === 'string' ? Number(value) : undefined;
  };
  return { definitions: stored('definitions'), places: stored('places') };
}

/** Stores the checks of the schema where they have changed. */
function keepChecks(database: Database): void {
  const found = schemaChecks(database);
  const stored = storedChecks(database);
  const put = database.prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)');
  for (const name of ['definitions', 'places'] as const)
    if (stored[name] !== found[name]) put.run(KEYS[name], String(found[name]));
}
