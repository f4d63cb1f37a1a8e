import type { Database } from 'better-sqlite3';
import { batchOfSeries, skimLog } from '../codec/log-batch.ts';

/** A stretch of the log that is folded at once. */
export interface Stretch {
  /** Log entries after the first and up to the second. */
  readonly after: number;
  readonly through: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Records of some series of a stretch, read into memory, in the order (series, arrival). */
export interface Gathered {
  readonly batches: readonly Buffer[];
  /** Per record, sorted by series: series * 2^24 + its place. */
  readonly order: Float64Array;
  /** Per place: which batch, and where in it. */
  readonly batchOf: Uint32Array;
  readonly offsetOf: Uint32Array;
}

/** So that a series' number and a record's place fit one double. */
export const PLACES = 2 ** 24;

/** The log after `after`, up to about `mostBytes`; null when there is nothing. */
export function stretchOf(intake: Database, after: number, mostBytes: number): Stretch | null {
  const entries = intake.prepare('SELECT id, rows, length(data) AS bytes FROM log WHERE id > ? ORDER BY id');
  let stretch: Stretch | null = null;
  let rows = 0;
  let bytes = 0;
  for (const entry of entries.iterate(after) as IterableIterator<{ id: number; rows: number; bytes: number }>) {
    rows += entry.rows;
    bytes += entry.bytes;
    if (stretch !== null && (bytes > mostBytes || rows > PLACES)) break;
    stretch = { after, through: entry.id, rows, bytes };
  }
  return stretch;
}

/** Reads the records of a stretch whose series is wanted. */
export function gather(intake: Database, { after, through }: Stretch, isWanted: (series: number) => boolean): Gathered {
  const entries = intake.prepare('SELECT data FROM log WHERE id > ? AND id <= ? ORDER BY id').pluck();
  const batches: Buffer[] = [];
  for (const data of entries.iterate(after, through) as IterableIterator<Buffer>)
    batches.push(batchOfSeries(data, isWanted));
  return { batches, ...index(batches) };
}

function index(batches: readonly Buffer[]): Pick<Gathered, 'order' | 'batchOf' | 'offsetOf'> {
  const places: { order: number[]; batchOf: number[]; offsetOf: number[] } = { order: [], batchOf: [], offsetOf: [] };
  batches.forEach((batch, number) => {
    skimLog(batch, ({ series, offset }) => {
      places.order.push(series * PLACES + places.order.length);
      places.batchOf.push(number);
      places.offsetOf.push(offset);
    });
  });
  return {
    order: Float64Array.from(places.order).sort(),
    batchOf: Uint32Array.from(places.batchOf),
    offsetOf: Uint32Array.from(places.offsetOf),
  };
}
