import { fstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of one segment: records in `.seg`, their index in `.idx`. Named by epoch and first sequence number. */
export interface SegmentName {
  readonly epoch: number;
  readonly firstSeq: number;
}

const FORM = /^(\d+)-(\d+)\.(seg|idx)$/;

export const recordsPath = (folder: string, { epoch, firstSeq }: SegmentName): string =>
  join(folder, `${epoch}-${firstSeq}.seg`);
export const indexPath = (folder: string, { epoch, firstSeq }: SegmentName): string =>
  join(folder, `${epoch}-${firstSeq}.idx`);

/**
 * Returns the stat of a path; null where the file was removed. @throws the kernel's other errors, also where the
 * folder is not there
 */
export function fileAt(path: string): Stats | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) return found;
  // A folder that cannot be reached for a moment, as on a detached disk, has lost nothing.
  statSync(dirname(path));
  return null;
}

/** Whether the open file is the one at this path. @throws the kernel's error, also where the folder is not there */
export function isAt(fd: number, path: string): boolean {
  const [open, found] = [fstatSync(fd), fileAt(path)];
  return found !== null && found.ino === open.ino && found.dev === open.dev;
}

/** Segments of a folder, oldest first, each with the files that exist of it. */
export function listSegments(
  folder: string,
): readonly (SegmentName & { readonly hasRecords: boolean; readonly hasIndex: boolean })[] {
  const found = new Map<string, { epoch: number; firstSeq: number; hasRecords: boolean; hasIndex: boolean }>();
  for (const file of readdirSync(folder)) {
    const match = FORM.exec(file);
    if (match === null) continue;
    const key = `${match[1]}-${match[2]}`;
    const one = found.get(key) ?? {
      epoch: Number(match[1]),
      firstSeq: Number(match[2]),
      hasRecords: false,
      hasIndex: false,
    };
    if (match[3] === 'seg') one.hasRecords = true;
    else one.hasIndex = true;
    found.set(key, one);
  }
  return [...found.values()].sort((a, b) => a.epoch - b.epoch || a.firstSeq - b.firstSeq);
}
