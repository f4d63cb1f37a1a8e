import type { Database } from 'better-sqlite3';
import { skimLog } from '../codec/log-batch.ts';

/** Log entries read into memory, with their records in the order (series, arrival). */
export interface Gathered {
  /** Last log entry among them. */
  readonly through: number;
  readonly rows: number;
  readonly batches: readonly Buffer[];
  /** Per record, sorted by series: series * 2^24 + its place. */
  readonly order: Float64Array;
  /** Per place: which batch, and where in it. */
  readonly batchOf: Uint32Array;
  readonly offsetOf: Uint32Array;
}

/** So that a series' number and a record's place fit one double. */
export const PLACES = 2 ** 24;

/** Reads the log after `after` in order, up to about `mostBytes`; null when there is nothing. */
export function gather(intake: Database, after: number, mostBytes: number): Gathered | null {
  const entries = intake.prepare('SELECT id, rows, data FROM log WHERE id > ? ORDER BY id');
  const batches: Buffer[] = [];
  let through = after;
  let rows = 0;
  let bytes = 0;
  for (const entry of entries.iterate(after) as IterableIterator<{ id: number; rows: number; data: Buffer }>) {
    if (batches.length > 0 && (bytes + entry.data.length > mostBytes || rows + entry.rows > PLACES)) break;
    batches.push(entry.data);
    bytes += entry.data.length;
    rows += entry.rows;
    through = entry.id;
  }
  if (batches.length === 0) return null;
  return { through, ...index(batches, rows), rows, batches };
}

function index(batches: readonly Buffer[], rows: number): Pick<Gathered, 'order' | 'batchOf' | 'offsetOf'> {
  const order = new Float64Array(rows);
  const batchOf = new Uint32Array(rows);
  const offsetOf = new Uint32Array(rows);
  let place = 0;
  batches.forEach((batch, number) => {
    skimLog(batch, ({ series, offset }) => {
      order[place] = series * PLACES + place;
      batchOf[place] = number;
      offsetOf[place] = offset;
      place += 1;
    });
  });
  order.sort();
  return { order, batchOf, offsetOf };
}
