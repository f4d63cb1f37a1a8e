import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type KeptLine, keptLineOf } from '@netsonde/metrics';

/** What the previous process knew of the time. null: nothing can be read. */
export function readKeptLine(file: string): KeptLine | null {
  try {
    return keptLineOf(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Replaces the file. It need not survive a power cut: an older one only makes less certain. */
export function writeKeptLine(file: string, kept: KeptLine): void {
  writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
