import type { Row } from '../codec/row.ts';

/** Most rows of a block. */
const MOST_ROWS = 512;
/** A gap in time after which a new block begins, ms: late results must not stretch a block over a day. */
const LARGEST_GAP_MS = 6 * 3_600_000;
/** Blocks do not reach over midnight (UTC), so that retention, which counts in days, deletes whole ones. */
export const DAY_MS = 86_400_000;

/** Cuts the rows of one series, oldest first, into blocks. */
export function chunksOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const chunks: Row[][] = [];
  let chunk: Row[] = [];
  for (const row of rows) {
    if (chunk.length > 0 && endsBefore(chunk, row.record.at)) {
      chunks.push(chunk);
      chunk = [];
    }
    chunk.push(row);
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function endsBefore(chunk: readonly Row[], at: number): boolean {
  const last = chunk.at(-1)?.record.at ?? at;
  return chunk.length >= MOST_ROWS || at - last > LARGEST_GAP_MS || dayOf(at) !== dayOf(last);
}

export const dayOf = (at: number): number => Math.floor(at / DAY_MS);

/** Order of rows in a block: by scheduled instant, then by how they were made. */
export const byTime = (a: Row, b: Row): number =>
  a.record.at - b.record.at || a.epoch - b.epoch || a.record.seq - b.record.seq;
