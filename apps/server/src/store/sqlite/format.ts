import type { Database } from 'better-sqlite3';
import { isSchemaIntact, type SchemaChecks, schemaChecks } from '../schema-check.ts';
import { openingErrorOf, StoreError } from '../store-error.ts';
import { Damaged } from './damage/damaged.ts';
import { isIntact, rowCheck } from './damage/row-check.ts';
import { copyMeta, META_TABLES, writeMeta } from './meta-table.ts';

/** Columns that a format adds to the previous format's tables, by table. */
export type AddedColumns = Readonly<Record<string, readonly string[]>>;

/**
 * Migrates a file's tables to a format: a new file gets the format's number, and one of the previous format gets the
 * added columns. Rows stay unchanged; the new columns of old rows are NULL.
 * @throws StoreError when a newer version wrote the file.
 */
export function bringToFormat(db: Database, file: string, format: number, added: AddedColumns): void {
  db.transaction(() => {
    const found = db.prepare(`SELECT value FROM meta WHERE key = 'format'`).pluck().get() as number | undefined;
    const hasChecks = hasColumn(db, 'meta', 'crc');
    if (found === undefined) return writeFormat(db, format);
    if (found === format - 1 && !hasChecks) {
      for (const [table, columns] of Object.entries(added))
        for (const column of columns) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} INTEGER`);
      return writeFormat(db, format);
    }
    if (hasChecks && !isFormatIntact(db, found)) return writeFormat(db, format);
    if (found !== format) throw new StoreError('newer_format', newerFormat(file, found, format));
  }).immediate();
}

/** Adds columns to tables that lack them, as those of an earlier version of the same format do. Old rows have NULL there. */
export function addColumns(db: Database, added: AddedColumns): void {
  for (const [table, columns] of Object.entries(added))
    for (const column of columns)
      if (!hasColumn(db, table, column)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} INTEGER`);
}

const newerFormat = (file: string, found: number, format: number): string =>
  `${file} is of format ${found}, this version reads ${format}: start the newer version again`;

const hasColumn = (db: Database, table: string, column: string): boolean =>
  db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column) !== undefined;

const isFormatIntact = (db: Database, found: number): boolean =>
  isIntact(
    db.prepare(`SELECT crc FROM meta WHERE key = 'format'`).pluck().get() as number | null,
    'meta',
    [found],
    'format',
  );

function writeFormat(db: Database, format: number): void {
  db.prepare(`INSERT OR REPLACE INTO meta (key, value, crc) VALUES ('format', ?, ?)`).run(
    format,
    rowCheck('meta', [format], 'format'),
  );
}

/** The values in `meta` that have the checks of the schema. */
const SCHEMA_KEYS = { definitions: 'schema_definitions', places: 'schema_places' } as const;

/** @throws Damaged when the schema is not the one that was written last. */
function assertSchema(db: Database): void {
  const stored = { definitions: storedCheck(db, 'definitions'), places: storedCheck(db, 'places') };
  if (!isSchemaIntact(db, stored)) throw new Damaged('its schema is not the one that was written');
}

/** Writes the checks of the schema. */
function sealSchema(db: Database): void {
  const checks = schemaChecks(db);
  for (const name of ['definitions', 'places'] as const)
    if (META_TABLES.some((table) => checkIn(db, table, name) !== checks[name]))
      writeMeta(db, SCHEMA_KEYS[name], checks[name]);
}

const storedCheck = (db: Database, name: keyof SchemaChecks): number | undefined =>
  META_TABLES.map((table) => checkIn(db, table, name)).find((value) => value !== undefined);

function checkIn(db: Database, table: string, name: keyof SchemaChecks): number | undefined {
  if (!hasColumn(db, table, 'crc')) return undefined;
  const key = SCHEMA_KEYS[name];
  const row = db.prepare(`SELECT value, crc FROM ${table} WHERE key = ?`).get(key) as
    | { value: number; crc: number | null }
    | undefined;
  return row !== undefined && isIntact(row.crc, 'meta', [row.value], key) ? row.value : undefined;
}

/**
 * Prepares a newly opened database: its schema is checked, changed and sealed in one transaction. If that fails, the file is
 * closed. @throws StoreError that names the file.
 */
export function preparing(db: Database, file: string, prepare: () => void): Database {
  try {
    db.transaction(() => {
      assertSchema(db);
      prepare();
      copyMeta(db);
      sealSchema(db);
    }).immediate();
    return db;
  } catch (error) {
    db.close();
    throw openingErrorOf(error, file);
  }
}
