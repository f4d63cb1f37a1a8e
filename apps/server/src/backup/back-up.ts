import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createPrivate } from '@netsonde/sockets/host';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../store/open-database.ts';
import { VERSION } from '../version.ts';
import { hashFile, syncPath } from './durable-files.ts';
import {
  type BackupManifest,
  DATABASES,
  KEY_FILES,
  MANIFEST_FILE,
  manifestText,
  readBackupManifest,
} from './manifest.ts';
import { takeSnapshots } from './take-snapshots.ts';

export interface BackupPlaces {
  readonly dataFolder: string;
  readonly databaseFile: string;
  /** A new folder; or one that exists, in which a new one is made, named by the time. */
  readonly to: string;
}

/** Where a backup is, and what it contains. */
export interface Backup {
  readonly folder: string;
  readonly manifest: BackupManifest;
}

/** Kinds of rows that the manifest counts. */
const COUNTED = { tests: 'test', agents: 'agent', users: 'user' } as const;

/**
 * Backs up a server, running or not, from beside it: one state of its three databases, and its key. The backup appears
 * under its name once it is complete, checked and durable.
 * @throws Error that says what to do
 */
export async function backUp({ dataFolder, databaseFile, to }: BackupPlaces): Promise<Backup> {
  if (!existsSync(databaseFile)) throw new Error(`there is no server in ${dataFolder}: ${databaseFile} does not exist`);
  const now = new Date();
  const folder = newFolder(resolve(to), now);
  const unfinished = `${folder}.${randomBytes(4).toString('hex')}.unfinished`;
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    const facts = await copyDatabases(dataFolder, databaseFile, unfinished);
    const keys = KEY_FILES.filter((name) => existsSync(join(dataFolder, name)));
    for (const name of keys) hashFile(join(dataFolder, name), join(unfinished, name));
    const manifest: BackupManifest = {
      format: 1,
      version: VERSION,
      takenAt: now.toISOString(),
      ...facts,
      files: [...DATABASES, ...keys].map((name) => ({ name, ...hashFile(join(unfinished, name)) })),
      leftOut: [
        'certificate and key files of TLS (TLS_CERT, TLS_KEY)',
        'settings in the environment',
        'data folders of agents, also that of the agent of `netsonde up`',
      ],
    };
    writeFileSync(join(unfinished, MANIFEST_FILE), manifestText(manifest), { mode: 0o600, flag: 'wx' });
    for (const name of [MANIFEST_FILE, ...DATABASES, '.']) syncPath(join(unfinished, name));
    readBackupManifest(unfinished);
    renameSync(unfinished, folder);
    syncPath(dirname(folder));
    return { folder, manifest };
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function newFolder(to: string, now: Date): string {
  const found = statSync(to, { throwIfNoEntry: false });
  if (found === undefined) return to;
  if (!found.isDirectory()) throw new Error(`--to: ${to} is a file: name a folder that does not exist yet`);
  if (existsSync(join(to, MANIFEST_FILE)))
    throw new Error(`--to: ${to} is a backup already: name a folder that does not exist yet`);
  const folder = join(to, `netsonde-${now.toISOString().replace(/[:.]/g, '')}`);
  if (existsSync(folder)) throw new Error(`--to: ${folder} exists already: try again`);
  return folder;
}

async function copyDatabases(
  dataFolder: string,
  databaseFile: string,
  to: string,
): Promise<Pick<BackupManifest, 'incarnation' | 'counts'>> {
  const folder = join(dataFolder, resultsFolderIn(databaseFile));
  const snapshots = takeSnapshots({
    config: databaseFile,
    intake: join(folder, 'intake.db'),
    results: join(folder, 'results.db'),
  });
  try {
    const { config, intake, results } = snapshots;
    // The intake first: while its snapshot is held, its log file cannot shrink.
    for (const [source, name] of [
      [intake, 'intake.db'],
      [config, 'netsonde.db'],
      [results, 'results.db'],
    ] as const) {
      const file = join(to, name);
      createPrivate(file);
      await source.backup(file);
      if (source === intake) source.exec('ROLLBACK');
      checkCopy(file);
    }
    const count = (table: string) => config.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number;
    const counts = Object.fromEntries(Object.entries(COUNTED).map(([kind, table]) => [kind, count(table)]));
    return { incarnation: incarnationIn(config), counts };
  } finally {
    snapshots.close();
  }
}

function resultsFolderIn(databaseFile: string): string {
  const config = openDatabase(databaseFile, { pageSize: 4096, cacheKib: 1024, readonly: true });
  try {
    const name = config.prepare(`SELECT value FROM setting WHERE key = 'results_folder'`).pluck().get();
    return typeof name === 'string' ? name : 'results';
  } finally {
    config.close();
  }
}

function incarnationIn(config: Database): string {
  const has = config.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'incarnation'`).get() !== undefined;
  if (!has) return '';
  return config.prepare('SELECT word FROM incarnation ORDER BY id DESC LIMIT 1').pluck().get() as string;
}

/** @throws Error where the copy is not sound */
function checkCopy(file: string): void {
  const copy = openDatabase(file, { pageSize: 4096, cacheKib: 4096 });
  try {
    const said = copy.pragma('quick_check(1)', { simple: true });
    if (said !== 'ok')
      throw new Error(`the copy ${file} is damaged (${String(said).slice(0, 200)}): check the source and the disk`);
  } finally {
    copy.close();
  }
}
