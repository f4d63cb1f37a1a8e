import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../open-database.ts';
import { StoreError } from '../store-error.ts';
import { addColumns, bringToFormat, preparing } from './format.ts';
import { META_SQL, readMeta } from './meta-table.ts';

/** Format 2 had no checks, and heads without epoch and sequences. */
const FORMAT = 3;
const ADDED = {
  meta: ['crc'],
  layout: ['crc'],
  fold: ['crc'],
  block: ['crc'],
  small_block: ['crc'],
  block_head: ['epoch', 'seq_from', 'seq_to', 'crc'],
  rollup_head: ['crc'],
  newest: ['crc'],
  retired: ['crc'],
};

export const resultsFile = (folder: string): string => join(folder, 'results.db');

/**
 * `fold`: one stretch of the log, or several folds merged. While folds are being merged, `into_fold` of each names the
 * new one, whose `through_series` is the last series that has moved; both are null otherwise.
 * Results older than `swept_ms` have been deleted from it.
 * `block_head.rolled`: the finest level of rollups that has the block's rows; 0 while none has.
 * `block_head.epoch`, `seq_from`, `seq_to`: of its rows; `epoch` is null where they are of several, or not known.
 * `damage`: what upkeep met damaged and set aside, with its bytes where they are few.
 * `crc`: see `rowCheck`; null in rows of a version without checks.
 * Blocks with a number below 0 are in `small_block`: they are merged soon, and would leave holes among the others.
 */
const TABLES = `
${META_SQL}
CREATE TABLE IF NOT EXISTS layout (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE, crc INTEGER);
CREATE TABLE IF NOT EXISTS fold (
  id INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, rows INTEGER NOT NULL,
  level INTEGER NOT NULL DEFAULT 0, into_fold INTEGER, through_series INTEGER, swept_ms INTEGER NOT NULL DEFAULT 0,
  crc INTEGER);
CREATE TABLE IF NOT EXISTS block (id INTEGER PRIMARY KEY, crc INTEGER, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS small_block (id INTEGER PRIMARY KEY, crc INTEGER, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS block_head (
  fold INTEGER NOT NULL, series INTEGER NOT NULL, part INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
  rows INTEGER NOT NULL, verdicts INTEGER NOT NULL, block INTEGER NOT NULL, repeated INTEGER NOT NULL DEFAULT 0,
  rolled INTEGER NOT NULL DEFAULT 0, epoch INTEGER, seq_from INTEGER, seq_to INTEGER, crc INTEGER,
  PRIMARY KEY (fold, series, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rollup_head (
  fold INTEGER NOT NULL, series INTEGER NOT NULL, level INTEGER NOT NULL, part INTEGER NOT NULL,
  finest INTEGER NOT NULL, lifted INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, buckets INTEGER NOT NULL, block INTEGER NOT NULL,
  crc INTEGER, PRIMARY KEY (fold, series, level, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS newest (
  series INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, verdict INTEGER NOT NULL,
  crc INTEGER, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS retired (
  series INTEGER NOT NULL, day INTEGER NOT NULL, rows INTEGER NOT NULL, repeated INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, crc INTEGER, PRIMARY KEY (series, day)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS damage (
  id INTEGER PRIMARY KEY, file TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, series INTEGER, from_ms INTEGER,
  to_ms INTEGER, results INTEGER, crc INTEGER, data BLOB);
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
  return preparing(db, file, () => {
    refuseOlder(db, file);
    db.exec(TABLES);
    bringToFormat(db, file, FORMAT, ADDED);
    addColumns(db, { damage: ['crc'] });
  });
}

/** The first format was of no release: its blocks knew neither rollups nor the bounds of a day. */
function refuseOlder(db: Database, file: string): void {
  const isOld = db.prepare(`SELECT 1 FROM pragma_table_info('newest') WHERE name = 'block'`).get() !== undefined;
  if (isOld)
    throw new StoreError(
      'older_format',
      `${file} was made before the first release, in a form that this version cannot read: move the folder ${dirname(file)} away and start again. Users, agents and tests stay as they are; results begin again from none`,
    );
}

/** Number of the last log entry whose results are in blocks; 0 where none are. @throws Damaged */
export const foldedThrough = (db: Database): number => readMeta(db, 'folded_through') ?? 0;
