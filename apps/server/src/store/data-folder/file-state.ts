import { statSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { readMeta } from '../sqlite/meta-table.ts';
import { Database } from '../sqlite-driver.ts';

/** The mark of a data folder in one of its files. */
export interface Mark {
  readonly id: number;
  /** Counts starts and ends of the server. A file with a smaller one than the others is older than they are. */
  readonly count: number;
}

/** A database file of a data folder, before anything is opened for good. */
export type FileState =
  | { readonly kind: 'missing' | 'empty' }
  /** Damaged, or of another version: opening it says which. */
  | { readonly kind: 'unreadable' }
  /** `mark` null: of an earlier version. `used`: it holds what the other files need. */
  | { readonly kind: 'present'; readonly mark: Mark | null; readonly used: boolean; readonly holds: string };

/** The configuration database, and what it says of its results. */
export interface ConfigState {
  readonly state: FileState;
  /** Name of its folder of results; null: it has none yet. */
  readonly resultsFolder: string | null;
}

/** Keys of the mark, in `setting` of the configuration and in `meta` of the results' files. */
export const MARK_KEYS = { id: 'data_folder', count: 'data_folder_mark' } as const;

export function configState(file: string): ConfigState {
  let resultsFolder: string | null = null;
  const state = stateOf(file, (db) => {
    const setting = (key: string): string | null =>
      (db.prepare('SELECT value FROM setting WHERE key = ?').pluck().get(key) as string | undefined) ?? null;
    resultsFolder = setting('results_folder');
    const [id, count] = [setting(MARK_KEYS.id), setting(MARK_KEYS.count)];
    const [agents, tests] = ['agent', 'test'].map(
      (table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number,
    );
    return {
      mark: id === null || count === null ? null : { id: Number(id), count: Number(count) },
      used: agents !== 0,
      holds: `${agents} agents and ${tests} tests`,
    };
  });
  return { state, resultsFolder };
}

export const intakeState = (file: string): FileState =>
  stateOf(file, (db) => {
    const rows = db.prepare('SELECT coalesce(sum(rows), 0) FROM log').pluck().get() as number;
    const used = db.prepare('SELECT 1 FROM received LIMIT 1').get() !== undefined;
    return { mark: markIn(db), used, holds: `what was received of whom, and the ${rows} results that arrived last` };
  });

export const resultsState = (file: string): FileState =>
  stateOf(file, (db) => {
    const { rows, last } = db.prepare('SELECT coalesce(sum(rows), 0) AS rows, max(to_ms) AS last FROM fold').get() as {
      rows: number;
      last: number | null;
    };
    const until = last === null ? '' : ` until ${new Date(last).toISOString()}`;
    return { mark: markIn(db), used: rows > 0, holds: `${rows} results${until}` };
  });

/** Whether the intake's log still begins where it began: then all results are in it, and the results' file can be made again. */
export function isLogWhole(intakeFile: string): boolean {
  const db = new Database(intakeFile, { fileMustExist: true });
  try {
    const first = db.prepare('SELECT min(id) FROM log').pluck().get() as number | null;
    return first === 1 || db.prepare('SELECT 1 FROM received LIMIT 1').get() === undefined;
  } finally {
    db.close();
  }
}

function markIn(db: BetterSqlite3.Database): Mark | null {
  const [id, count] = [readMeta(db, MARK_KEYS.id), readMeta(db, MARK_KEYS.count)];
  return id === undefined || count === undefined ? null : { id, count };
}

function stateOf(
  file: string,
  read: (db: BetterSqlite3.Database) => Omit<Extract<FileState, { kind: 'present' }>, 'kind'>,
): FileState {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return { kind: 'missing' };
  if (found.size === 0) return { kind: 'empty' };
  let db: BetterSqlite3.Database | undefined;
  try {
    db = new Database(file, { fileMustExist: true, timeout: 10_000 });
    return { kind: 'present', ...read(db) };
  } catch {
    return { kind: 'unreadable' };
  } finally {
    db?.close();
  }
}
