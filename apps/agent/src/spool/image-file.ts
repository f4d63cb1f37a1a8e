import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32c } from './crc32c.ts';

const MAGIC = 0x4e53494d;
const HEADER_BYTES = 20;

/**
 * A small state stored twice in a file with preallocated space. Each write overwrites the older half in place, so it
 * works on a full disk, and a torn write leaves the other half intact.
 */
export class ImageFile {
  readonly #path: string;
  #fd: number;
  #halfBytes: number;
  #generation: number;
  #payload: Buffer | null;

  /** Opens the file. Where it is missing, makes it with two halves of `halfBytes`. @throws where it cannot be made. */
  constructor(path: string, halfBytes: number) {
    this.#path = path;
    if (!existsSync(path)) preallocate(path, halfBytes);
    const bytes = readFileSync(path);
    this.#halfBytes = Math.floor(bytes.length / 2);
    const halves = [readHalf(bytes, 0), readHalf(bytes, this.#halfBytes)].filter((half) => half !== null);
    const newest = halves.sort((a, b) => b.generation - a.generation)[0];
    this.#generation = newest?.generation ?? 0;
    this.#payload = newest?.payload ?? null;
    this.#fd = openSync(path, 'r+');
  }

  /** The last written state; null where nothing was written, or both halves are damaged. */
  get payload(): Buffer | null {
    return this.#payload;
  }

  /** Largest payload that can be written in place, bytes. */
  get capacity(): number {
    return this.#halfBytes - HEADER_BYTES;
  }

  /** Writes durably. A payload beyond the capacity makes a larger file. @throws where the disk has no space for that. */
  write(payload: Buffer): void {
    if (payload.length > this.capacity) this.#grow(payload.length * 2 + HEADER_BYTES);
    const generation = this.#generation + 1;
    const image = Buffer.alloc(HEADER_BYTES + payload.length);
    image.writeUInt32LE(MAGIC, 0);
    image.writeUInt32LE(payload.length, 4);
    image.writeDoubleLE(generation, 8);
    payload.copy(image, HEADER_BYTES);
    image.writeUInt32LE(crcOf(image, 0, payload.length), 16);
    writeAll(this.#fd, image, (generation % 2) * this.#halfBytes);
    fdatasyncSync(this.#fd);
    this.#generation = generation;
    this.#payload = payload;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #grow(halfBytes: number): void {
    const kept = this.#payload;
    const larger = `${this.#path}.larger`;
    preallocate(larger, halfBytes);
    closeSync(this.#fd);
    this.#fd = openSync(larger, 'r+');
    this.#halfBytes = halfBytes;
    if (kept !== null) this.write(kept);
    renameSync(larger, this.#path);
    syncFolder(dirname(this.#path));
  }
}

/** Makes a file and writes every byte of it, so that its blocks are allocated. */
function preallocate(path: string, halfBytes: number): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeAll(fd, Buffer.alloc(halfBytes * 2), 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Writes all of `bytes` at `position`, also where the kernel splits the write. @throws the kernel's error. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** Makes new, renamed and removed names in a folder durable. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readHalf(bytes: Buffer, offset: number): { generation: number; payload: Buffer } | null {
  if (offset + HEADER_BYTES > bytes.length || bytes.readUInt32LE(offset) !== MAGIC) return null;
  const length = bytes.readUInt32LE(offset + 4);
  if (offset + HEADER_BYTES + length > bytes.length) return null;
  if (crcOf(bytes, offset, length) !== bytes.readUInt32LE(offset + 16)) return null;
  const start = offset + HEADER_BYTES;
  return { generation: bytes.readDoubleLE(offset + 8), payload: Buffer.from(bytes.subarray(start, start + length)) };
}

function crcOf(bytes: Buffer, offset: number, length: number): number {
  const payload = crc32c(bytes, offset + HEADER_BYTES, offset + HEADER_BYTES + length);
  return (crc32c(bytes, offset, offset + 16) ^ payload) >>> 0;
}
