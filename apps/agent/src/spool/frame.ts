import { crc32c } from './crc32c.ts';

/** Bytes before each record's body: length (4), CRC32C of what follows it (4), sequence number (8). */
export const FRAME_HEADER_BYTES = 16;

/** Longest record. A length above it means damage. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Writes header and body at `offset` of `into`; returns the body's length in bytes. */
export function writeFrame(into: Buffer, offset: number, seq: number, json: string): number {
  const length = into.write(json, offset + FRAME_HEADER_BYTES, 'utf8');
  into.writeUInt32LE(length, offset);
  into.writeDoubleLE(seq, offset + 8);
  into.writeUInt32LE(crc32c(into, offset + 8, offset + FRAME_HEADER_BYTES + length), offset + 4);
  return length;
}

/** A record read back: whole, or the reason why not. */
export type FrameRead =
  | { readonly state: 'whole'; readonly seq: number; readonly json: string; readonly length: number }
  | { readonly state: 'torn' | 'corrupt' };

/** Reads the frame at `offset` of `bytes`. The end of `bytes` is the end of the segment. */
export function readFrame(bytes: Buffer, offset: number): FrameRead {
  const body = offset + FRAME_HEADER_BYTES;
  if (body > bytes.length) return { state: 'torn' };
  const length = bytes.readUInt32LE(offset);
  if (length > MAX_BODY_BYTES) return { state: 'corrupt' };
  if (body + length > bytes.length) return { state: 'torn' };
  if (crc32c(bytes, offset + 8, body + length) !== bytes.readUInt32LE(offset + 4)) return { state: 'corrupt' };
  return {
    state: 'whole',
    seq: bytes.readDoubleLE(offset + 8),
    json: bytes.toString('utf8', body, body + length),
    length,
  };
}
