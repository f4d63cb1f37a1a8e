import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FolderLock, folderHolder, lockFolder } from './folder-lock.ts';

/** A data folder that this process has locked. */
export interface DataFolder {
  readonly path: string;
  /** What the owner should know of the lock; null: it holds everywhere. */
  readonly weakness: string | null;
  file(name: string): string;
  release(): void;
}

/** Makes the folder (mode 0700) and locks it. @throws Error that says where the agent runs that holds the lock. */
export function takeDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(`--data: ${path} cannot be made: ${error instanceof Error ? error.message : error}`);
  }
  const lock = lockOf(path);
  return { path, weakness: lock.weakness, file: (name) => join(path, name), release: lock.release };
}

/** Where the agent that has locked a data folder runs, for a message; null where none has. */
export const dataFolderHolder = (path: string): string | null => folderHolder(path);

function lockOf(path: string): FolderLock {
  let lock: ReturnType<typeof lockFolder>;
  try {
    lock = lockFolder(path);
  } catch (error) {
    throw new Error(
      `--data: ${join(path, 'lock')} cannot be written: ${error instanceof Error ? error.message : error}`,
    );
  }
  if ('heldBy' in lock)
    throw new Error(`--data: ${path} is in use by another agent (${lock.heldBy}): stop it, or choose another folder`);
  return lock;
}
