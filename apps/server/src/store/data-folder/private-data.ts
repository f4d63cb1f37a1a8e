import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOpenFolder, makePrivate } from '@netsonde/sockets/host';
import { StoreError } from '../store-error.ts';

/** Names of files that a server makes. Others in the folder are not its own. */
const IN_DATA =
  /^(netsonde\.db(-wal|-shm|-journal)?|server\.lock|server\.pid|server-key(\.next)?\.pem(\.new)?|folder\.json(\.new)?)$/;
const IN_RESULTS = /^(intake|results)\.db/;
const RESULTS = /^results(-\d+)?$/;

/**
 * Takes from other users the right to read the server's files. The folder keeps its mode: one that a group may list
 * stays so.
 * @returns files whose rights were wider until now
 * @throws StoreError where every user of this host can read a file and that cannot be changed
 */
export function keepPrivate(dataFolder: string, databaseFile: string): readonly string[] {
  const beside = ['', '-wal', '-shm', '-journal'].map((end) => `${databaseFile}${end}`);
  const files = new Set([...beside, ...filesOf(dataFolder)]);
  const { fixed, exposed } = makePrivate([...files]);
  const open = exposed.find((file) => isOpenFolder(dirname(file)));
  if (open !== undefined)
    throw new StoreError(
      'io',
      `every user of this host can read ${open}, and its mode cannot be changed: make this user its owner, or the folder private (chmod 700 ${dirname(open)}), or choose a file system that keeps modes`,
    );
  return fixed;
}

function filesOf(dataFolder: string): readonly string[] {
  const results = namesIn(dataFolder).filter((name) => RESULTS.test(name));
  return [...ownFiles(dataFolder, IN_DATA), ...results.flatMap((name) => ownFiles(join(dataFolder, name), IN_RESULTS))];
}

const ownFiles = (folder: string, own: RegExp): readonly string[] =>
  namesIn(folder)
    .filter((name) => own.test(name))
    .map((name) => join(folder, name));

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
