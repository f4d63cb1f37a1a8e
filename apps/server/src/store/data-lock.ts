import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { Database } from './sqlite-driver.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

const LOCK_FILE = 'server.lock';
const PID_FILE = 'server.pid';

/** Keeps each lock's database from being collected, and so closed, while nobody refers to the lock. */
const held = new Set<BetterSqlite3.Database>();

/** A data folder that belongs to this process until `release`; the kernel releases it when the process dies, however it dies. */
export interface DataLock {
  release(): void;
}

/**
 * Takes a data folder for this process, making the folder where there is none. The lock is an exclusive SQLite lock on
 * a file of its own: held by the kernel for the process, it vanishes with `kill -9` too. The pid beside it is for people.
 * @throws StoreError `in_use` that names the folder and the process that holds it.
 */
export function lockDataFolder(folder: string): DataLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, LOCK_FILE);
  let db: BetterSqlite3.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(join(folder, PID_FILE), `${process.pid}\n`);
  } catch (error) {
    db?.close();
    throw isBusy(error) ? inUse(folder) : storeErrorOf(error, file);
  }
  const lock = db;
  held.add(lock);
  return Object.freeze({
    release() {
      if (!held.delete(lock)) return;
      rmSync(join(folder, PID_FILE), { force: true });
      lock.close();
    },
  });
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

function inUse(folder: string): StoreError {
  const holder = holderOf(folder);
  const who = holder === null ? 'another process' : `process ${holder}`;
  return new StoreError(
    'in_use',
    `the data folder ${folder} is in use by ${who}: stop that server first, or choose another folder with NETSONDE_DATA`,
  );
}

/** The pid that the folder's holder wrote down; null where it has not (yet). */
function holderOf(folder: string): number | null {
  try {
    const pid = Number(readFileSync(join(folder, PID_FILE), 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
