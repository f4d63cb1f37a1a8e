import { statfsSync } from 'node:fs';

/** Limits of a spool. Beyond any of them the spool drops the oldest records first and counts them. */
export interface SpoolLimits {
  /** Bytes on disk of records and their index. */
  readonly maxBytes: number;
  /** Age by scheduled instant, ms. */
  readonly maxAgeMs: number;
  /** Records that are too old are dropped once they have been so for this long, in case a wrong clock says so, ms. */
  readonly heldMs: number;
  /** Free bytes that the spool leaves on the disk for others. */
  readonly minFreeBytes: number;
  /** Bytes after which a new segment begins. */
  readonly segmentBytes: number;
  /** Bytes of the newest records that wait in memory while the disk accepts no writes. */
  readonly memoryBytes: number;
}

const MIB = 1024 * 1024;

/** 512 MiB, 14 days held for a day more, 64 MiB or 2 % of the disk free, segments of 4 MiB, 8 MiB waiting in memory. */
export function defaultLimits(folder: string): SpoolLimits {
  const { blocks, bsize } = statfsSync(folder);
  return {
    maxBytes: 512 * MIB,
    maxAgeMs: 14 * 86_400_000,
    heldMs: 86_400_000,
    minFreeBytes: Math.min(64 * MIB, Math.floor(blocks * bsize * 0.02)),
    segmentBytes: 4 * MIB,
    memoryBytes: 8 * MIB,
  };
}

/** Bytes that this process may still write to the folder's disk. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
