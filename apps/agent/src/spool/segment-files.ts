import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where one segment lives: records in `.seg`, their index in `.idx`. Named by epoch and first sequence number. */
export interface SegmentName {
  readonly epoch: number;
  readonly firstSeq: number;
}

const FORM = /^(\d+)-(\d+)\.(seg|idx)$/;

export const recordsPath = (folder: string, { epoch, firstSeq }: SegmentName): string =>
  join(folder, `${epoch}-${firstSeq}.seg`);
export const indexPath = (folder: string, { epoch, firstSeq }: SegmentName): string =>
  join(folder, `${epoch}-${firstSeq}.idx`);

/** Segments of a folder, oldest first, each with the files that it has. */
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
