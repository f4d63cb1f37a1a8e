import { closeSync, fdatasyncSync, ftruncateSync, openSync } from 'node:fs';
import { FRAME_HEADER_BYTES, writeFrame } from './frame.ts';
import { syncFolder, writeAll } from './image-file.ts';
import { ENTRY_BYTES, writeEntry } from './index-entry.ts';
import { indexPath, isAt, recordsPath, type SegmentName } from './segment-files.ts';

/** A record to be written. */
export interface Appended {
  readonly seq: number;
  readonly check: number;
  readonly target: number;
  /** First and last scheduled instant that it accounts for, epoch ms, and how many. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly json: string;
}

/** The files of the spool are no longer at their paths. */
export class SpoolMoved extends Error {
  override readonly name = 'SpoolMoved';
  constructor() {
    super('a file of the spool was removed or moved');
  }
}

/** The segment that is being written, one group of records at a time. A group is durable when `append` returns. */
export class SegmentWriter {
  readonly name: SegmentName;
  readonly #folder: string;
  readonly #records: number;
  readonly #index: number;
  #recordBytes = 0;
  #indexBytes = 0;

  /** Makes a new segment. @throws the kernel's error; no file stays open then. */
  constructor(folder: string, name: SegmentName) {
    this.name = name;
    this.#folder = folder;
    this.#records = openSync(recordsPath(folder, name), 'w', 0o600);
    try {
      this.#index = openSync(indexPath(folder, name), 'w', 0o600);
    } catch (error) {
      closeSync(this.#records);
      throw error;
    }
    syncFolder(folder);
  }

  /** Size of both files, bytes. */
  get bytes(): number {
    return this.#recordBytes + this.#indexBytes;
  }

  /**
   * Writes and syncs the group. @throws the kernel's error, and where a file was removed or moved while open (the
   * kernel would go on writing to it). Both files are then as they were before.
   */
  append(group: readonly Appended[]): void {
    const { records, index } = encodeGroup(group, this.#recordBytes);
    try {
      writeAll(this.#records, records, this.#recordBytes);
      writeAll(this.#index, index, this.#indexBytes);
      fdatasyncSync(this.#records);
      fdatasyncSync(this.#index);
      if (
        !isAt(this.#records, recordsPath(this.#folder, this.name)) ||
        !isAt(this.#index, indexPath(this.#folder, this.name))
      )
        throw new SpoolMoved();
    } catch (error) {
      ftruncateSync(this.#records, this.#recordBytes);
      ftruncateSync(this.#index, this.#indexBytes);
      throw error;
    }
    this.#recordBytes += records.length;
    this.#indexBytes += index.length;
  }

  close(): void {
    closeSync(this.#records);
    closeSync(this.#index);
  }
}

function encodeGroup(group: readonly Appended[], start: number): { records: Buffer; index: Buffer } {
  const size = group.reduce((sum, { json }) => sum + FRAME_HEADER_BYTES + Buffer.byteLength(json), 0);
  const records = Buffer.allocUnsafe(size);
  const index = Buffer.alloc(group.length * ENTRY_BYTES);
  let at = 0;
  group.forEach((record, i) => {
    const length = writeFrame(records, at, record.seq, record.json);
    writeEntry(index, i * ENTRY_BYTES, record, { offset: start + at, length });
    at += FRAME_HEADER_BYTES + length;
  });
  return { records, index };
}
