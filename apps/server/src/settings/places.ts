import { accessSync, closeSync, constants, mkdirSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Settings, SettingsError } from './settings.ts';
import { shown } from './variables.ts';

type Places = Pick<Settings, 'dataFolder' | 'databaseFile'>;

const WRITABLE = constants.R_OK | constants.W_OK;
/** The first bytes of every SQLite file. Source: SQLite's "Database File Format", section 1.3.1. */
const SQLITE_HEADER = 'SQLite format 3\0';

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'it, or a folder above it, is a file',
  EEXIST: 'it, or a folder above it, is a file',
  EACCES: 'this process may not write there',
  EPERM: 'this process may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'no folder can be made there',
  ENAMETOOLONG: 'the path is too long',
};

/**
 * Creates the data folder if necessary, and checks that the server can write its data where the settings say.
 * @throws SettingsError that names the variable, what is wrong with its place, and what to do.
 */
export function preparePlaces({ dataFolder, databaseFile }: Places): void {
  const folder = folderFault(dataFolder);
  if (folder !== null)
    throw new SettingsError([
      { variable: 'NETSONDE_DATA', message: `NETSONDE_DATA is ${shown(dataFolder)}: ${folder}` },
    ]);
  // No setting names the default file, so the store reports its faults.
  const file = databaseFile === resolve(dataFolder, 'netsonde.db') ? null : fileFault(databaseFile);
  if (file !== null)
    throw new SettingsError([
      { variable: 'DATABASE_URL', message: `DATABASE_URL is ${shown(`sqlite:///${databaseFile}`)}: ${file}` },
    ]);
}

function folderFault(folder: string): string | null {
  try {
    makeFolder(folder);
    accessSync(folder, WRITABLE | constants.X_OK);
    return null;
  } catch (error) {
    return `${reason(error)}: name a folder that this process may make or write to`;
  }
}

/** Creates folders step by step: `recursive` never returns if the system reports an existing parent as missing, as in /proc. */
function makeFolder(folder: string): void {
  if (kindOf(folder)?.isDirectory() === true) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  mkdirSync(folder, { mode: 0o700 });
}

function fileFault(file: string): string | null {
  const folder = dirname(file);
  if (kindOf(folder)?.isDirectory() !== true)
    return `there is no folder ${folder}: make it first, or name a file in a folder that there is`;
  const kind = kindOf(file);
  if (kind?.isDirectory() === true) return 'it is a folder: name a file in it';
  if (kind !== null && !kind.isFile()) return 'it is no file: name one';
  try {
    accessSync(kind === null ? folder : file, WRITABLE);
    return kind === null || kind.size === 0 || isDatabase(file)
      ? null
      : 'it is no SQLite database: name another file, or restore this one from a backup';
  } catch (error) {
    return `${reason(error)}: name a file that this process may make or write to`;
  }
}

/** null: nothing is there, or access is denied. */
function kindOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function isDatabase(file: string): boolean {
  const start = Buffer.alloc(SQLITE_HEADER.length);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, start, 0, start.length, 0);
  } finally {
    closeSync(opened);
  }
  return start.toString('latin1') === SQLITE_HEADER;
}

function reason(error: unknown): string {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `it cannot be used (${message})`;
}
