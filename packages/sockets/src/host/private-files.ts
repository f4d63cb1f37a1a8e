import { chmodSync, closeSync, openSync, statSync } from 'node:fs';

/** Rights of the group and of everybody else. */
const OTHERS = 0o077;
const EVERYBODY = 0o007;

/** What became of files that should be their owner's alone. */
export interface PrivateFiles {
  /** Other users could read or write these; they have mode 0600 now. */
  readonly fixed: readonly string[];
  /** Every user of this host still can: the file belongs to somebody else, or its file system keeps no modes. */
  readonly exposed: readonly string[];
}

/**
 * Creates an empty file with mode 0600 where there is none, whatever the umask and the folder's default ACL. One that
 * there is stays closed: closing it would drop the locks that SQLite has on it in this process.
 */
export function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/**
 * Gives files mode 0600. Missing ones are left out, and so are rights of a group that cannot be taken away: on shared
 * volumes the group may be how this process reaches them. Windows has no modes.
 */
export function makePrivate(files: readonly string[]): PrivateFiles {
  const fixed: string[] = [];
  const exposed: string[] = [];
  for (const file of process.platform === 'win32' ? [] : files) {
    const mode = modeOf(file);
    if (mode === null || (mode & OTHERS) === 0) continue;
    try {
      chmodSync(file, mode & ~OTHERS);
    } catch {
      // Of another user: its mode says below what that means.
    }
    const after = modeOf(file) ?? 0;
    if ((after & OTHERS) === 0) fixed.push(file);
    else if ((after & EVERYBODY) !== 0) exposed.push(file);
  }
  return { fixed, exposed };
}

/** Whether every user of this host can reach files in a folder. */
export const isOpenFolder = (folder: string): boolean =>
  process.platform !== 'win32' && ((modeOf(folder) ?? 0) & 0o001) !== 0;

/** null: there is no such file. */
function modeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : found.mode & 0o7777;
}
