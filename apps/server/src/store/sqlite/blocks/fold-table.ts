import type { Database } from 'better-sqlite3';
import type { DamageNotes } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** A fold as its row tells it; see `results-database.ts`. */
export interface FoldRow {
  readonly id: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly level: number;
  readonly intoFold: number | null;
  readonly throughSeries: number | null;
  readonly sweptMs: number;
}

type StoredFold = FoldRow & { readonly crc: number | null };

const COLUMNS =
  'id, from_ms AS fromMs, to_ms AS toMs, rows, level, into_fold AS intoFold, through_series AS throughSeries, swept_ms AS sweptMs, crc';

const columnsOf = ({ id, fromMs, toMs, rows, level, intoFold, throughSeries, sweptMs }: FoldRow) => [
  id,
  fromMs,
  toMs,
  rows,
  level,
  intoFold,
  throughSeries,
  sweptMs,
];

/** All folds, in order of their numbers: some hundreds at most. A damaged one stays where it is and is `damaged`. */
export function readFolds(db: Database, notes: DamageNotes): { folds: readonly FoldRow[]; damaged: readonly number[] } {
  const stored = db.prepare(`SELECT ${COLUMNS} FROM fold ORDER BY id`).all() as StoredFold[];
  const folds: FoldRow[] = [];
  const damaged: number[] = [];
  for (const { crc, ...fold } of stored)
    if (isIntact(crc, 'fold', columnsOf(fold))) folds.push(fold);
    else {
      damaged.push(fold.id);
      // Its blocks are read all the same, since their heads have checks of their own, unless it is its number that is wrong.
      notes.add({ file: 'results.db', table: 'fold', what: `fold ${fold.id}`, results: null });
    }
  return { folds, damaged };
}

/** Writes a fold's row, or replaces it. */
export function writeFold(db: Database, fold: FoldRow): void {
  const columns = columnsOf(fold);
  db.prepare(
    `INSERT OR REPLACE INTO fold (id, from_ms, to_ms, rows, level, into_fold, through_series, swept_ms, crc)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(...columns, rowCheck('fold', columns));
}

/** A number that no fold has. */
export const nextFoldId = (db: Database): number =>
  db.prepare('SELECT coalesce(max(id), 0) + 1 FROM fold').pluck().get() as number;
