import { closeSync, fdatasyncSync, ftruncateSync, openSync } from 'node:fs';
import { FRAME_HEADER_BYTES, writeFrame } from './frame.ts';
import { syncFolder, writeAll } from './image-file.ts';
import { ENTRY_BYTES, writeEntry } from './index-entry.ts';
import { indexPath, isAt, recordsPath, type SegmentName } from './segment-files.ts';

/** A record on its way to the disk. */
export interface Appended {
  readonly seq: number;
  readonly check: number;
  readonly target: number;
  /** First and last scheduled instant it accounts for, epoch ms, and how many. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly json: string;
}

/** The files of the spool are no longer where they were made. */
export class SpoolMoved extends Error {
  override readonly name = 'SpoolMoved';
  constructor() {
    super('a file of the spool was removed or moved');
  }
}

/** The segment that is being written: a group of records at a time, durable when `append` returns. */
export class SegmentWriter {
  readonly name: SegmentName;
  readonly #folder: string;
  readonly #records: number;
  readonly #index: number;
  #recordBytes = 0;
  #indexBytes = 0;

  /** Makes a new segment. @throws what the kernel says; nothing is left open then. */
  constructor(folder: string, name: SegmentName) {
    this.name = name;
    this.#folder = folder;
    this.#records = openSync(recordsPath(folder, name), 'w');
    try {
      this.#index = openSync(indexPath(folder, name), 'w');
    } catch (error) {
      closeSync(this.#records);
      throw error;
    }
    syncFolder(folder);
  }

  /** Bytes of both files. */
  get bytes(): number {
    return this.#recordBytes + this.#indexBytes;
  }

  /**
   * Writes and syncs the group. @throws what the kernel says, and where somebody has removed or moved a file, which the
   * kernel goes on writing; both files are as they were before then.
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
