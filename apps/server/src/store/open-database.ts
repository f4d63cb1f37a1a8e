import type BetterSqlite3 from 'better-sqlite3';
import { Database } from './sqlite-driver.ts';
import { storeErrorOf } from './store-error.ts';

export interface DatabaseOptions {
  /** Bytes; takes effect on a new file only. */
  readonly pageSize: number;
  /** Most memory for the page cache, KiB. */
  readonly cacheKib: number;
  readonly readonly?: boolean;
  /** Lets freed pages be given back to the file system in small steps; on a new file only. */
  readonly shrinks?: boolean;
}

/**
 * Opens an SQLite file the way all our databases ship: WAL, and a commit is on the disk before it returns
 * (`synchronous=FULL`). Foreign keys are checked.
 * @throws StoreError that names the file when it is damaged or cannot be opened.
 */
export function openDatabase(file: string, options: DatabaseOptions): BetterSqlite3.Database {
  let db: BetterSqlite3.Database | undefined;
  try {
    db = new Database(file, { readonly: options.readonly ?? false, timeout: 10_000 });
    if (options.readonly !== true) prepare(db, options);
    db.pragma(`cache_size = -${options.cacheKib}`);
    // Cells that reach over their page are an error at the first look, not other rows' bytes.
    db.pragma('cell_size_check = ON');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db?.close();
    throw storeErrorOf(error, file);
  }
}

function prepare(db: BetterSqlite3.Database, options: DatabaseOptions): void {
  db.pragma(`page_size = ${options.pageSize}`);
  if (options.shrinks === true) db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
}
