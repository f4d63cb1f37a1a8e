import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { z } from 'zod';
import { StoreError } from '../store-error.ts';

/** A file that was missing, and whose loss an operator accepted. */
const lossSchema = z.object({ file: z.string(), at: z.string(), what: z.string() });
const folderSchema = z.object({
  /** The same number is in each of the three files. */
  id: z.number(),
  /** Path of the configuration database, relative where it is in the data folder. */
  database: z.string(),
  /** The mark's count when it was written. Files that all have a smaller one are a restored backup. */
  count: z.number().default(0),
  losses: z.array(lossSchema).default([]),
});
const manifestSchema = z.object({ version: z.literal(1), folders: z.record(z.string(), folderSchema) });

/** What a data folder should hold: each folder of results, and the database that it belongs to. */
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFolder = z.infer<typeof folderSchema>;

const manifestFile = (dataFolder: string): string => join(dataFolder, 'folder.json');

/** The path of a database as the manifest writes it. */
export function placeOf(dataFolder: string, databaseFile: string): string {
  const path = relative(dataFolder, databaseFile);
  return path.startsWith('..') || isAbsolute(path) ? databaseFile : path;
}

/** null: there is none, as in folders of earlier versions. @throws StoreError that names a damaged one */
export function readManifest(dataFolder: string): Manifest | null {
  const file = manifestFile(dataFolder);
  if (!existsSync(file)) return null;
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : error;
    throw new StoreError(
      'corrupt',
      `${file} is damaged (${why}): restore it from a backup, or move it away if netsonde.db and the folder of results are complete: the next start then writes it again`,
    );
  }
}

/** Replaces the manifest durably. */
export function writeManifest(dataFolder: string, manifest: Manifest): void {
  const file = manifestFile(dataFolder);
  const fd = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(manifest, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
