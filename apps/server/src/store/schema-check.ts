import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { damagedFile } from './store-error.ts';

/**
 * CRC-32 over a database's table definitions, 0 to 2^32 - 1. SQLite does not notice a flipped letter in a name: a column
 * is then unknown, and a table is created again, empty. Places of pages are left out, since a vacuum moves them, and so
 * are the statistics that a user may have made.
 */
export function schemaCheck(db: Database): number {
  const rows = db
    .prepare(
      `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_stat%' ESCAPE '~' ORDER BY type, name`,
    )
    .raw()
    .all();
  return crc32(JSON.stringify(rows));
}

/**
 * Compares table definitions with the stored check of them.
 * @param stored undefined: none is stored, as in files of earlier versions.
 * @throws StoreError `corrupt` if they differ.
 */
export function assertSchema(db: Database, file: string, stored: number | undefined): void {
  if (stored === undefined || stored === schemaCheck(db)) return;
  throw damagedFile(file, 'its table definitions are not those that were written');
}
