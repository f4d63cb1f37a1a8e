import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOpenFolder, makePrivate } from '@netsonde/sockets/host';
import { StoreError } from '../store-error.ts';

/** Names of files that a server makes. Others in the folder are not its own. */
const OWN = /(\.db|\.db-wal|\.db-shm|\.db-journal|\.pem|\.pem\.new|^server\.lock|^server\.pid|^folder\.json(\.new)?)$/;
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
  const folders = [
    dataFolder,
    ...namesIn(dataFolder)
      .filter((name) => RESULTS.test(name))
      .map((name) => join(dataFolder, name)),
  ];
  return folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => OWN.test(name))
      .map((name) => join(folder, name)),
  );
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
