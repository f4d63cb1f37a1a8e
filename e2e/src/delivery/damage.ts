import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Ways to damage a segment. */
export type Harm = 'torn' | 'bit_flipped';

/**
 * Damages one of an agent's segments, in place: truncates it somewhere in its last third, or flips one bit.
 * @returns what was done, for the message of a failed test; null where no segment has content.
 */
export function damage(dataFolder: string, harm: Harm, random: () => number): string | null {
  const spool = join(dataFolder, 'spool');
  const files = readdirSync(spool).filter((name) => name.endsWith('.seg') && statSync(join(spool, name)).size > 0);
  const name = files[Math.floor(random() * files.length)];
  if (name === undefined) return null;
  const path = join(spool, name);
  const { size } = statSync(path);
  if (harm === 'torn') {
    const left = Math.floor(size * (0.67 + random() * 0.33));
    truncateSync(path, left);
    return `${name} cut from ${size} to ${left} bytes`;
  }
  const at = Math.floor(random() * size);
  const fd = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  writeSync(fd, Buffer.from([(byte[0] ?? 0) ^ (1 << Math.floor(random() * 8))]), 0, 1, at);
  closeSync(fd);
  return `${name}: byte ${at}`;
}
