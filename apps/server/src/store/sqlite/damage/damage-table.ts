import type { Database } from 'better-sqlite3';
import type { DamageNote, DamageNotes } from './damaged.ts';
import { isIntact, rowCheck } from './row-check.ts';

/** Damaged bytes of at most this length are kept, so that somebody may look at them. */
const MOST_BYTES = 1024 * 1024;
/** Most entries: beyond them the oldest go. */
const MOST_ENTRIES = 1000;

interface SetAsideRow {
  readonly id: number;
  readonly file: DamageNote['file'];
  readonly name: string;
  readonly what: string;
  readonly series: number | null;
  readonly from_ms: number | null;
  readonly to_ms: number | null;
  readonly results: number | null;
  readonly crc: number | null;
}

const columnsOf = ({ id, series, from_ms, to_ms, results }: Omit<SetAsideRow, 'crc'>) => [
  id,
  series,
  from_ms,
  to_ms,
  results,
];

/** Notes for good what upkeep sets aside, in the transaction that sets it aside. */
export function setAside(db: Database, note: DamageNote, series: number | null, data?: Buffer): void {
  const row = {
    id: db.prepare('SELECT coalesce(max(id), 0) + 1 FROM damage').pluck().get() as number,
    file: note.file,
    name: note.table,
    what: note.what,
    series,
    from_ms: note.fromMs ?? null,
    to_ms: note.toMs ?? null,
    results: note.results,
  };
  const { id, file, name, what, from_ms, to_ms, results } = row;
  const kept = data !== undefined && data.length <= MOST_BYTES ? data : null;
  const crc = rowCheck('damage', columnsOf(row), file, name, what);
  db.prepare(
    `INSERT INTO damage (id, file, name, what, series, from_ms, to_ms, results, data, crc)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(id, file, name, what, series, from_ms, to_ms, results, kept, crc);
  db.prepare('DELETE FROM damage WHERE id <= (SELECT max(id) FROM damage) - ?').run(MOST_ENTRIES);
}

/**
 * Records what was set aside. An entry that is damaged itself stands for an unknown number of results.
 * @param keyOf whose series it is, where that is known.
 */
export function noteSetAside(
  db: Database,
  keyOf: (series: number) => DamageNote['series'] | undefined,
  notes: DamageNotes,
): void {
  const lost = { file: 'results.db', table: 'damage', results: null } as const;
  const rows = notes.guard<readonly SetAsideRow[]>(
    { ...lost, what: 'its pages' },
    [],
    () =>
      db
        .prepare('SELECT id, file, name, what, series, from_ms, to_ms, results, crc FROM damage')
        .all() as SetAsideRow[],
  );
  for (const row of rows) {
    const { id, file, name, what, series, from_ms, to_ms, results, crc } = row;
    if (!isIntact(crc, 'damage', columnsOf(row), file, name, what)) {
      notes.add({ ...lost, what: `entry ${id}` });
      continue;
    }
    const key = series === null ? undefined : keyOf(series);
    notes.add({
      file,
      table: name,
      what: `${what} (set aside)`,
      results,
      ...(key === undefined ? {} : { series: key }),
      ...(from_ms === null || to_ms === null ? {} : { fromMs: from_ms, toMs: to_ms }),
    });
  }
}
