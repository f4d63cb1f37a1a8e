import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const PIECE_BYTES = 1024 * 1024;

/** Size and SHA-256, hex, of a file. */
export interface FileHash {
  readonly bytes: number;
  readonly sha256: string;
}

/** Reads a file. With `to`, also writes a durable copy of it, mode 0600, which must not exist yet. */
export function hashFile(from: string, to?: string): FileHash {
  const hash = createHash('sha256');
  const source = openSync(from, 'r');
  const target = to === undefined ? null : openSync(to, 'wx', 0o600);
  const piece = Buffer.alloc(PIECE_BYTES);
  let bytes = 0;
  try {
    for (let read = readSync(source, piece); read > 0; read = readSync(source, piece)) {
      const part = piece.subarray(0, read);
      hash.update(part);
      for (let at = 0; target !== null && at < read; ) at += writeSync(target, part, at);
      bytes += read;
    }
    if (target !== null) fsyncSync(target);
  } finally {
    closeSync(source);
    if (target !== null) closeSync(target);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Makes the content of a file, or the names in a folder, durable. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
