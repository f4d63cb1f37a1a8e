import type { Database } from 'better-sqlite3';
import type { DamageNote } from './damaged.ts';

/** Damaged bytes of at most this length are kept, so that somebody may look at them. */
const MOST_BYTES = 1024 * 1024;
/** Most entries: beyond them the oldest go. */
const MOST_ENTRIES = 1000;

/** Notes for good what upkeep sets aside, in the transaction that sets it aside. */
export function setAside(results: Database, note: DamageNote, series: number | null, data?: Buffer): void {
  results
    .prepare(
      'INSERT INTO damage (file, name, what, series, from_ms, to_ms, results, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      note.file,
      note.table,
      note.what,
      series,
      note.fromMs ?? null,
      note.toMs ?? null,
      note.results,
      data !== undefined && data.length <= MOST_BYTES ? data : null,
    );
  results.prepare('DELETE FROM damage WHERE id <= (SELECT max(id) FROM damage) - ?').run(MOST_ENTRIES);
}

/** What was set aside. @param keyOf whose series it is, where that is known. */
export function readSetAside(
  results: Database,
  keyOf: (series: number) => DamageNote['series'] | undefined,
): readonly DamageNote[] {
  const rows = results.prepare('SELECT id, file, name, what, series, from_ms, to_ms, results FROM damage').all() as {
    id: number;
    file: DamageNote['file'];
    name: string;
    what: string;
    series: number | null;
    from_ms: number | null;
    to_ms: number | null;
    results: number | null;
  }[];
  return rows.map(({ file, name, what, series, from_ms, to_ms, results: count }) => {
    const key = series === null ? undefined : keyOf(series);
    return {
      file,
      table: name,
      what: `${what} (set aside)`,
      results: count,
      ...(key === undefined ? {} : { series: key }),
      ...(from_ms === null || to_ms === null ? {} : { fromMs: from_ms, toMs: to_ms }),
    };
  });
}
