import type { Row } from '../codec/row.ts';

/** Most rows of a block. */
const MOST_ROWS = 512;
/** A gap in time after which a new block begins, ms: late results must not stretch a block over days. */
const LARGEST_GAP_MS = 6 * 3_600_000;

/** Cuts the rows of one series, oldest first, into blocks. */
export function chunksOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const chunks: Row[][] = [];
  let chunk: Row[] = [];
  for (const row of rows) {
    const last = chunk.at(-1);
    if (last !== undefined && (chunk.length >= MOST_ROWS || row.record.at - last.record.at > LARGEST_GAP_MS)) {
      chunks.push(chunk);
      chunk = [];
    }
    chunk.push(row);
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** Order of rows in a block: by scheduled instant, then by how they were made. */
export const byTime = (a: Row, b: Row): number =>
  a.record.at - b.record.at || a.epoch - b.epoch || a.record.seq - b.record.seq;
