import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beginIncarnation } from '../incarnation/begin-incarnation.ts';
import { preparePlaces } from '../settings/places.ts';
import { openConfigStore } from '../store/config/open-config-store.ts';
import { lockDataFolder } from '../store/data-lock.ts';
import { hashFile, syncPath } from './durable-files.ts';
import { type BackupManifest, DATABASES, readBackupManifest } from './manifest.ts';

export interface RestorePlaces {
  readonly from: string;
  readonly dataFolder: string;
  readonly databaseFile: string;
}

/** Where the files are until all of them are there. A restore that was interrupted starts over. */
const UNFINISHED = '.restoring';
/** What an empty folder may hold. */
const HARMLESS = new Set(['server.lock', 'server.lock-journal', 'server.pid', 'lost+found', UNFINISHED]);
const RESULTS = 'results';

/**
 * Restores a backup into an empty folder and gives the server a new incarnation. The configuration comes last: without
 * it no server starts there.
 * @throws Error that says what to do
 */
export async function restore({ from, dataFolder, databaseFile }: RestorePlaces): Promise<BackupManifest> {
  const source = resolve(from);
  const manifest = readBackupManifest(source);
  preparePlaces({ dataFolder, databaseFile });
  const lock = lockDataFolder(dataFolder);
  try {
    refuseUsed(dataFolder, databaseFile);
    const unfinished = join(dataFolder, UNFINISHED);
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    try {
      for (const file of manifest.files) copyChecked(source, unfinished, file);
      await takeNewIncarnation(join(unfinished, 'netsonde.db'), manifest);
      putInPlace(unfinished, manifest, { dataFolder, databaseFile });
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      throw error;
    }
    return manifest;
  } finally {
    lock.release();
  }
}

function refuseUsed(dataFolder: string, databaseFile: string): void {
  const isUnfinished = existsSync(join(dataFolder, UNFINISHED)) && !existsSync(databaseFile);
  const others = readdirSync(dataFolder).filter((name) => !HARMLESS.has(name));
  const found = isUnfinished ? others.filter((name) => name !== RESULTS && !name.startsWith('server-key')) : others;
  if (found.length > 0)
    throw new Error(
      `--data: ${dataFolder} is not empty (${found.slice(0, 3).join(', ')}): restore into a new folder, or move these files away first`,
    );
  if (existsSync(databaseFile))
    throw new Error(`DATABASE_URL: ${databaseFile} exists already: move it away first, or name another file`);
}

function copyChecked(source: string, to: string, { name, bytes, sha256 }: BackupManifest['files'][number]): void {
  const from = join(source, name);
  if (!existsSync(from)) throw new Error(`the backup is not complete: ${from} is missing`);
  const copied = hashFile(from, join(to, name));
  if (copied.bytes !== bytes || copied.sha256 !== sha256)
    throw new Error(
      `the backup is damaged: ${from} ${copied.bytes === bytes ? 'was changed' : `has ${copied.bytes} bytes, not ${bytes}`} since it was made; nothing was restored`,
    );
}

async function takeNewIncarnation(file: string, { takenAt }: BackupManifest): Promise<void> {
  const config = await openConfigStore(file);
  try {
    await config.db.updateTable('setting').set({ value: RESULTS }).where('key', '=', 'results_folder').execute();
    await beginIncarnation(config.db, { why: 'restored', nowMs: Date.now(), lostFromMs: Date.parse(takenAt) });
  } finally {
    await config.close();
  }
}

function putInPlace(
  unfinished: string,
  { files }: BackupManifest,
  { dataFolder, databaseFile }: Pick<RestorePlaces, 'dataFolder' | 'databaseFile'>,
): void {
  const results = join(dataFolder, RESULTS);
  mkdirSync(results, { recursive: true, mode: 0o700 });
  const places: Record<string, string> = {
    'intake.db': join(results, 'intake.db'),
    'results.db': join(results, 'results.db'),
    'netsonde.db': databaseFile,
  };
  const isDatabase = (name: string) => (DATABASES as readonly string[]).includes(name);
  const ordered = [...files].sort((a, b) => Number(a.name === 'netsonde.db') - Number(b.name === 'netsonde.db'));
  for (const { name } of ordered) {
    const place = places[name] ?? join(dataFolder, name);
    if (name === 'netsonde.db') for (const folder of [results, dataFolder]) syncPath(folder);
    if (isDatabase(name)) syncPath(join(unfinished, name));
    move(join(unfinished, name), place);
  }
  rmdirSync(unfinished);
  for (const folder of [dataFolder, dirname(databaseFile)]) syncPath(folder);
}

/** The configuration may be on another file system. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    hashFile(from, `${to}.new`);
    renameSync(`${to}.new`, to);
    rmSync(from);
  }
}
