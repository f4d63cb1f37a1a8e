import type { Database } from 'better-sqlite3';
import { batchOfSeries, skimLog } from '../codec/log-batch.ts';
import { isDamage } from '../damage/damaged.ts';
import { isIntactBatch, LOG_COLUMNS, logRows, type StoredLogRow } from '../intake/log-table.ts';

/** A stretch of the log that is folded at once. */
export interface LogRange {
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
export function stretchOf(intake: Database, after: number, mostBytes: number): LogRange | null {
  let stretch: LogRange | null = null;
  let rows = 0;
  let bytes = 0;
  const entries = logRows<{ id: number; rows: number; bytes: number }>(
    intake,
    'id, rows, length(data) AS bytes',
    { after },
    () => undefined,
  );
  for (const entry of entries) {
    rows += entry.rows;
    bytes += entry.bytes;
    if (stretch !== null && (bytes > mostBytes || rows > PLACES)) break;
    stretch = { after, through: entry.id, rows, bytes };
  }
  return stretch;
}

/**
 * Reads the records of a stretch whose series is wanted.
 * @param onDamaged is given each batch that is not what was written, none of whose records is gathered, or the number
 * of an entry from which on pages cannot be read.
 */
export function gather(
  intake: Database,
  { after, through }: LogRange,
  isWanted: (series: number) => boolean,
  onDamaged: (batch: StoredLogRow | number) => void,
): Gathered {
  const batches: Buffer[] = [];
  for (const row of logRows<StoredLogRow>(intake, LOG_COLUMNS, { after, through }, onDamaged)) {
    const batch = isIntactBatch(row) ? recordsOf(row, isWanted) : null;
    if (batch === null) onDamaged(row);
    else batches.push(batch);
  }
  return { batches, ...index(batches) };
}

/** The wanted records of a batch; null where one without a check cannot be read. */
function recordsOf({ data, crc }: StoredLogRow, isWanted: (series: number) => boolean): Buffer | null {
  try {
    const batch = batchOfSeries(data, isWanted);
    if (crc === null) skimLog(batch, () => undefined);
    return batch;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return null;
  }
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
