import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Size of all files in a folder and below, bytes. */
export const folderBytes = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
