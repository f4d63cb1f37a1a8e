import { statfsSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const CODES = [
  'disk_full',
  'io',
  'corrupt',
  'in_use',
  'incomplete',
  'closed',
  'busy',
  'cancelled',
  'newer_format',
  'older_format',
  'internal',
] as const;

/** A disk with less free space than this counts as full, bytes. */
const NO_ROOM_BYTES = 64 * 1024;

/**
 * Why a call of the store failed. `disk_full` and `io`: nothing was stored, the same call may succeed later;
 * `corrupt`: a file is damaged; `incomplete`: a file is missing beside the others, or not of this folder; `in_use`: another process holds the data folder; `closed`: the store was closed;
 * `busy`: the caller has too many queries in progress; `cancelled`: the caller left before its query began.
 */
export type StoreErrorCode = (typeof CODES)[number];

/** A failed call of a store. Nothing of that call is stored. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Converts a database error by its SQLite result code. A StoreError stays unchanged, even if it lost its class when it
 * crossed a thread. The message names `file`.
 */
export function storeErrorOf(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const said = error instanceof Error ? error.message : String(error);
  const fromThread = CODES.find((known) => known === code);
  if (fromThread !== undefined) return new StoreError(fromThread, said);
  const atIo = code.startsWith('SQLITE_IOERR') || code === 'SQLITE_CANTOPEN';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || (atIo && isFull(dirname(file))))
    return new StoreError(
      'disk_full',
      `the disk of ${dirname(file)} is full: free space on it; nothing of this was stored in ${basename(file)}`,
    );
  const isDamaged = error instanceof Error && error.name === 'Damaged';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || isDamaged) return damagedFile(file, said);
  if (atIo || code === 'SQLITE_READONLY')
    return new StoreError('io', `${file} cannot be read or written (${said}): check the disk and the folder's owner`);
  return new StoreError('internal', `${file}: ${said}`);
}

/** Errors of SQLite that say nothing about the file. */
const OF_THE_MOMENT = /^SQLITE_(BUSY|LOCKED|NOMEM|MISUSE|INTERRUPT)/;

/**
 * As `storeErrorOf`, for the opening of a file. Statements are always the same, so one that this file refuses ("no such
 * column") means that its table definitions are damaged.
 */
export function openingErrorOf(error: unknown, file: string): StoreError {
  const fault = storeErrorOf(error, file);
  if (fault.code !== 'internal' || !(error instanceof Error) || !('code' in error)) return fault;
  const code = String(error.code);
  return code.startsWith('SQLITE_') && !OF_THE_MOMENT.test(code) ? damagedFile(file, error.message) : fault;
}

/** Runs a step of opening a file. @throws StoreError that names the file */
export function opening<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw openingErrorOf(error, file);
  }
}

/** A damaged file, with the remedy. */
export const damagedFile = (file: string, said: string): StoreError =>
  new StoreError('corrupt', `${file} is damaged (${said}): restore it from a backup, or move it away to start again`);

/** SQLite reports other codes for a full disk if it cannot even allocate its shared memory. */
function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < NO_ROOM_BYTES;
  } catch {
    return false;
  }
}
