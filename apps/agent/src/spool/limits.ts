import { statfsSync } from 'node:fs';

/** What a spool may take; all of them bounds that drop the oldest records first, counted. */
export interface SpoolLimits {
  /** Bytes on disk of records and their index. */
  readonly maxBytes: number;
  /** Age by scheduled instant, ms. */
  readonly maxAgeMs: number;
  /** Bytes left free on the disk for others: the spool does not grow below it. */
  readonly minFreeBytes: number;
  /** Bytes after which a new segment begins. */
  readonly segmentBytes: number;
  /** Bytes of newest records that wait in memory while the disk takes nothing. */
  readonly memoryBytes: number;
}

const MIB = 1024 * 1024;

/** 512 MiB, 14 days, 64 MiB or 2 % of the disk free, segments of 4 MiB, 8 MiB waiting in memory. */
export function defaultLimits(folder: string): SpoolLimits {
  const { blocks, bsize } = statfsSync(folder);
  return {
    maxBytes: 512 * MIB,
    maxAgeMs: 14 * 86_400_000,
    minFreeBytes: Math.min(64 * MIB, Math.floor(blocks * bsize * 0.02)),
    segmentBytes: 4 * MIB,
    memoryBytes: 8 * MIB,
  };
}

/** Bytes that this process may still write on the folder's disk. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
