import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '@netsonde/sockets/host';
import { type Holder, holderLine, isAlive, readHolder, whereIs } from './holder.ts';

/** The lock of a data folder, held until `release` or the end of the process. */
export interface FolderLock {
  /** Why the lock is by process id only, which does not hold between containers; null: the kernel holds it. */
  readonly weakness: string | null;
  release(): void;
}

/** `doctor` and `up` look at a lock for an instant: an agent that starts then tries again. */
const TRIES = 5;
const PAUSE_MS = 40;

/** Folders that this process has locked by its process id. */
const heldById = new Set<string>();

const lockPath = (folder: string): string => join(folder, 'lock');

/**
 * Locks a data folder with the kernel's file lock. An agent of an earlier version that holds it by its process id is
 * seen where its process is. @returns the lock, or where the holder runs
 */
export function lockFolder(folder: string): FolderLock | { readonly heldBy: string } {
  const path = lockPath(folder);
  for (let tries = 1; ; tries += 1) {
    const lock = lockFile(path);
    if (lock.outcome === 'not_supported') return lockById(folder, lock.reason);
    if (lock.outcome === 'in_use') {
      if (tries === TRIES) return { heldBy: wordsOf(lock.text) };
      pause();
      continue;
    }
    const earlier = readHolder(lock.text);
    if (earlier !== null && !earlier.byKernel && isAlive(earlier)) {
      lock.release();
      return { heldBy: whereIs(earlier) };
    }
    ftruncateSync(lock.fd);
    writeSync(lock.fd, holderLine(true));
    // An agent of an earlier version may have replaced the file while it was empty.
    if (!lock.inPlace()) {
      lock.release();
      if (tries === TRIES) return { heldBy: 'which took it just now' };
      continue;
    }
    return {
      weakness: null,
      release() {
        // The file stays, empty: earlier versions then see that nobody holds it.
        ftruncateSync(lock.fd);
        lock.release();
      },
    };
  }
}

/** Where the agent that has locked a data folder runs; null where none has. */
export function folderHolder(folder: string): string | null {
  const path = lockPath(folder);
  if (!existsSync(path)) return null;
  const lock = lockFile(path);
  if (lock.outcome === 'in_use') return wordsOf(lock.text);
  const text = lock.outcome === 'locked' ? lock.text : readFileSync(path, 'utf8');
  const holder = readHolder(text);
  if (lock.outcome === 'locked') lock.release();
  if (holder === null || (lock.outcome === 'locked' && holder.byKernel)) return null;
  return isAlive(holder) ? whereIs(holder) : null;
}

function wordsOf(text: string): string {
  const holder = readHolder(text);
  return holder === null ? 'which is starting' : whereIs(holder);
}

/** The lock of earlier versions: a file that only one process can create, with its process id. */
function lockById(folder: string, reason: string): FolderLock | { readonly heldBy: string } {
  const path = lockPath(folder);
  if (heldById.has(folder)) return { heldBy: 'of this process' };
  if (!create(path)) {
    const holder: Holder | null = readHolder(readFileSync(path, 'utf8'));
    if (holder !== null && isAlive(holder)) return { heldBy: whereIs(holder) };
    unlinkSync(path);
    if (!create(path)) return { heldBy: 'which took it just now' };
  }
  heldById.add(folder);
  return {
    weakness: `${folder} is locked by process id only (${reason}): never let two containers or hosts use it`,
    release() {
      heldById.delete(folder);
      if (existsSync(path)) unlinkSync(path);
    },
  };
}

function create(path: string): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600);
    writeSync(fd, holderLine(false));
    closeSync(fd);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
