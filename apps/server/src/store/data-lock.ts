import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivate } from '@netsonde/sockets/host';
import type BetterSqlite3 from 'better-sqlite3';
import { Database } from './sqlite-driver.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

const LOCK_FILE = 'server.lock';
const PID_FILE = 'server.pid';

/** Keeps each lock's database from being garbage-collected, and so closed, while nothing refers to the lock. */
const held = new Set<BetterSqlite3.Database>();

/** A data folder locked by this process until `release`. The kernel releases it when the process dies in any way. */
export interface DataLock {
  release(): void;
}

/**
 * Locks a data folder for this process and creates the folder if necessary. The lock is an exclusive SQLite lock on a
 * separate file. The kernel holds it for the process, so `kill -9` releases it too. The stored pid is for error messages.
 * @throws StoreError `in_use` that names the folder and the process that holds it.
 */
export function lockDataFolder(folder: string): DataLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, LOCK_FILE);
  let db: BetterSqlite3.Database | undefined;
  try {
    createPrivate(file);
    createPrivate(join(folder, PID_FILE));
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
  const who = holder === null ? 'another process' : placeOf(holder);
  return new StoreError(
    'in_use',
    `the data folder ${folder} is in use by ${who}: stop that server first, or choose another folder with NETSONDE_DATA`,
  );
}

/** A pid without a process here is one of another container: the kernel's lock holds there too. */
function placeOf(pid: number): string {
  const isSeen = existsSync(`/proc/${pid}`) === existsSync('/proc/self');
  if (pid === process.pid ? held.size > 0 : isSeen) return `process ${pid}`;
  return `process ${pid} of another container or host`;
}

/** The pid that the lock's holder stored. null: not stored yet. */
function holderOf(folder: string): number | null {
  try {
    const pid = Number(readFileSync(join(folder, PID_FILE), 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
