import type { Database } from 'better-sqlite3';
import { openDatabase } from '../store/open-database.ts';

/** Read transactions on the three databases that show one state of the server. */
export interface Snapshots {
  readonly config: Database;
  readonly intake: Database;
  readonly results: Database;
  close(): void;
}

export interface SnapshotFiles {
  readonly config: string;
  readonly intake: string;
  readonly results: string;
}

const MOST_TRIES = 1000;
const CONFIGURED = { pageSize: 4096, cacheKib: 4096, readonly: true } as const;

/**
 * Begins a read transaction on each database. First the results, since log entries that are in blocks may be deleted
 * from the intake; then the intake; then the configuration, which must know all that the others name. It starts over
 * where the results have changed meanwhile: then each result is in exactly one of both.
 */
export function takeSnapshots(files: SnapshotFiles): Snapshots {
  const opened: Database[] = [];
  const close = () => {
    for (const one of opened) one.close();
  };
  try {
    const open = (file: string) => {
      const database = openDatabase(file, CONFIGURED);
      opened.push(database);
      return database;
    };
    const results = open(files.results);
    const watch = open(files.results);
    const [intake, config] = [open(files.intake), open(files.config)];
    const version = () => watch.pragma('data_version', { simple: true });
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = version();
      for (const one of [results, intake, config]) begin(one);
      if (version() === before) return { config, intake, results, close };
      for (const one of [results, intake, config]) one.exec('ROLLBACK');
    }
    throw new Error('the server changes its results all the time: try again later');
  } catch (error) {
    close();
    throw error;
  }
}

/** A read transaction sees the state of its first read. Source: SQLite's "Isolation In SQLite". */
function begin(database: Database): void {
  database.exec('BEGIN');
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
}
