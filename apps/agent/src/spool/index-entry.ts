import { crc32c } from './crc32c.ts';

/** Where a record is stored. */
export interface RecordPlace {
  /** Offset of the record's frame in its segment, bytes. */
  readonly offset: number;
  /** Length of the record's body, bytes. */
  readonly length: number;
}

/** What the index holds of one record: the runs that it accounts for, and where it is stored. */
export interface IndexEntry extends RecordPlace {
  readonly seq: number;
  readonly check: number;
  readonly target: number;
  /** First and last scheduled instant that the record accounts for, epoch ms. */
  readonly from: number;
  readonly to: number;
  /** How many scheduled runs it accounts for: 1 for a result, 0 for one that repeats an instant. */
  readonly count: number;
}

/** Size of an entry in the index file, bytes. */
export const ENTRY_BYTES = 48;

/** Largest check, target and count that an entry has room for. */
export const MAX_FIELD = 2 ** 32 - 1;

/** Which of its facts an entry has no room for, in words; null where it fits. */
export function unfitField(entry: Pick<IndexEntry, 'check' | 'target' | 'count'>): string | null {
  for (const field of ['check', 'target', 'count'] as const) {
    const value = entry[field];
    if (!(Number.isInteger(value) && value >= 0 && value <= MAX_FIELD))
      return `its ${field} is ${value}, and ${MAX_FIELD} is the most that the spool has room for`;
  }
  return null;
}

/** Writes an entry at `offset` of `into`. */
export function writeEntry(
  into: Buffer,
  offset: number,
  entry: Omit<IndexEntry, keyof RecordPlace>,
  place: RecordPlace,
): void {
  into.writeDoubleLE(entry.seq, offset);
  into.writeDoubleLE(entry.from, offset + 8);
  into.writeDoubleLE(entry.to, offset + 16);
  into.writeUInt32LE(entry.check, offset + 24);
  into.writeUInt32LE(entry.target, offset + 28);
  into.writeUInt32LE(entry.count, offset + 32);
  into.writeUInt32LE(place.offset, offset + 36);
  into.writeUInt32LE(place.length, offset + 40);
  into.writeUInt32LE(crc32c(into, offset, offset + 44), offset + 44);
}

/** Reads the entry at `offset`; null where it is torn or damaged. */
export function readEntry(from: Buffer, offset: number): IndexEntry | null {
  if (offset + ENTRY_BYTES > from.length) return null;
  if (crc32c(from, offset, offset + 44) !== from.readUInt32LE(offset + 44)) return null;
  return {
    seq: from.readDoubleLE(offset),
    from: from.readDoubleLE(offset + 8),
    to: from.readDoubleLE(offset + 16),
    check: from.readUInt32LE(offset + 24),
    target: from.readUInt32LE(offset + 28),
    count: from.readUInt32LE(offset + 32),
    offset: from.readUInt32LE(offset + 36),
    length: from.readUInt32LE(offset + 40),
  };
}
