import type { Database } from 'better-sqlite3';
import { StoreError, storeErrorOf } from '../store-error.ts';
import { isIntact, rowCheck } from './damage/row-check.ts';

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

/** Prepares a newly opened database. If that fails, the file is closed. @throws StoreError that names the file. */
export function preparing(db: Database, file: string, prepare: () => void): Database {
  try {
    prepare();
    return db;
  } catch (error) {
    db.close();
    throw storeErrorOf(error, file);
  }
}
