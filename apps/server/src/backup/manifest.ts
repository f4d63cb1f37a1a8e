import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const MANIFEST_FILE = 'backup.json';

const manifestSchema = z.object({
  format: z.literal(1),
  /** Version of the server's program that made it. */
  version: z.string(),
  takenAt: z.iso.datetime(),
  incarnation: z.string(),
  /** Rows of the configuration, by kind. */
  counts: z.record(z.string(), z.int().nonnegative()),
  files: z.array(z.object({ name: z.string(), bytes: z.int().nonnegative(), sha256: z.string() })).max(16),
  /** What belongs to a server and is not in the backup. */
  leftOut: z.array(z.string()),
});

/** What a backup contains. */
export type BackupManifest = z.infer<typeof manifestSchema>;

/** Files that a backup can have; the databases it must have. */
export const DATABASES = ['netsonde.db', 'intake.db', 'results.db'] as const;
export const KEY_FILES = ['server-key.pem', 'server-key.next.pem'] as const;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The manifest as text, with its own hash. */
export function manifestText(manifest: BackupManifest): string {
  return `${JSON.stringify({ ...manifest, sha256: hashOf(JSON.stringify(manifest)) }, null, 2)}\n`;
}

/** @throws Error that says what is wrong with the backup */
export function readBackupManifest(folder: string): BackupManifest {
  const file = join(folder, MANIFEST_FILE);
  if (!existsSync(file)) throw new Error(`${folder} is no backup: it has no ${MANIFEST_FILE}`);
  let manifest: BackupManifest;
  let said: unknown;
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as { sha256?: unknown };
    said = json.sha256;
    manifest = manifestSchema.parse(json);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message.slice(0, 300) : error}`);
  }
  if (hashOf(JSON.stringify(manifest)) !== said) throw new Error(`${file} was changed after the backup was made`);
  const names = new Set(manifest.files.map(({ name }) => name));
  const known = new Set<string>([...DATABASES, ...KEY_FILES]);
  const missing = DATABASES.filter((name) => !names.has(name));
  const strange = [...names].filter((name) => !known.has(name));
  if (missing.length > 0 || strange.length > 0)
    throw new Error(`${file} lists other files than a backup has: ${[...missing, ...strange].join(', ')}`);
  return manifest;
}
