import { createPrivate } from '@netsonde/sockets/host';
import type BetterSqlite3 from 'better-sqlite3';
import { Database } from './sqlite-driver.ts';
import { openingErrorOf } from './store-error.ts';

export interface DatabaseOptions {
  /** Page size, bytes. Effective only for a new file. */
  readonly pageSize: number;
  /** Most memory for the page cache, KiB. */
  readonly cacheKib: number;
  readonly readonly?: boolean;
  /** Returns freed pages to the file system in small steps. Effective only for a new file. */
  readonly shrinks?: boolean;
}

/**
 * Opens an SQLite file with the settings of all our databases: WAL, and each commit is on the disk before it returns
 * (`synchronous=FULL`). Foreign keys are enforced.
 * @throws StoreError that names the file when it is damaged or cannot be opened.
 */
export function openDatabase(file: string, options: DatabaseOptions): BetterSqlite3.Database {
  let db: BetterSqlite3.Database | undefined;
  try {
    // SQLite gives the mode of the file to its log and shared memory too.
    if (options.readonly !== true) createPrivate(file);
    db = new Database(file, { readonly: options.readonly ?? false, timeout: 10_000 });
    if (options.readonly !== true) prepare(db, options);
    db.pragma(`cache_size = -${options.cacheKib}`);
    // A cell that exceeds its page is an error at the first access, and does not return bytes of other rows.
    db.pragma('cell_size_check = ON');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db?.close();
    throw openingErrorOf(error, file);
  }
}

function prepare(db: BetterSqlite3.Database, options: DatabaseOptions): void {
  db.pragma(`page_size = ${options.pageSize}`);
  if (options.shrinks === true) db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
}
