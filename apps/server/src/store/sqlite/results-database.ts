import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../open-database.ts';
import { checkFormat } from './intake/intake-database.ts';

const FORMAT = 1;

export const resultsFile = (folder: string): string => join(folder, 'results.db');

const TABLES = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS layout (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS fold (id INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, rows INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS block (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS block_head (
  fold INTEGER NOT NULL, series INTEGER NOT NULL, part INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
  rows INTEGER NOT NULL, verdicts INTEGER NOT NULL, block INTEGER NOT NULL, repeated INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (fold, series, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS newest (series INTEGER PRIMARY KEY, at INTEGER NOT NULL, verdict INTEGER NOT NULL, block INTEGER NOT NULL, row INTEGER NOT NULL);
INSERT OR IGNORE INTO meta VALUES ('folded_through', 0);
`;

/**
 * The results' database: column blocks, appended fold by fold, in each fold ordered by series. `folded_through` is the
 * last entry of the intake's log whose results are in blocks: it changes in the same transaction as the blocks, so that
 * a result is in exactly one of both, whenever the process dies.
 */
export function openResultsDatabase(folder: string, access: 'write' | 'read'): Database {
  const file = resultsFile(folder);
  const db = openDatabase(file, { pageSize: 16_384, cacheKib: 4096, readonly: access === 'read', shrinks: true });
  if (access === 'read') return db;
  db.exec(TABLES);
  addRepeated(db);
  checkFormat(db, file, FORMAT);
  return db;
}

/** Files made before repeated runs were told apart lack the column: none of their blocks counts any. */
function addRepeated(db: Database): void {
  const columns = db.prepare(`SELECT name FROM pragma_table_info('block_head')`).pluck().all();
  if (!columns.includes('repeated')) db.exec('ALTER TABLE block_head ADD COLUMN repeated INTEGER NOT NULL DEFAULT 0');
}

/** Number of the last log entry whose results are in blocks; 0 where none are. */
export const foldedThrough = (db: Database): number =>
  db.prepare(`SELECT value FROM meta WHERE key = 'folded_through'`).pluck().get() as number;
