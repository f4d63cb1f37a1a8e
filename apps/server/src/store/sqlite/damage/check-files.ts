import type { Database } from 'better-sqlite3';
import { checkRefusals } from '../accept/refusal-table.ts';
import { checkUnplanned } from '../accept/unplanned-table.ts';
import { HEAD_COLUMNS, intactHeads, type StoredHead } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { readFolds } from '../blocks/fold-table.ts';
import { isIntactNewest, type NewestRow } from '../blocks/newest-table.ts';
import { checkArrivals } from '../intake/arrival-table.ts';
import { detailReader } from '../intake/detail-table.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { batchNote, gapNote, isIntactBatch, LOG_COLUMNS, logRows, type StoredLogRow } from '../intake/log-table.ts';
import { hasReceivedDamage } from '../intake/received-table.ts';
import { readSeries, type SeriesRow } from '../intake/series-table.ts';
import { checkMeta } from '../meta-table.ts';
import { foldedThrough } from '../results-database.ts';
import { isIntactRetired, RETIRED_COLUMNS, type RetiredRow, retiredNote } from '../retention/retired-day.ts';
import { widthOf } from '../rollup/levels.ts';
import { piecesWhere } from '../rollup/rollup-store.ts';
import { noteSetAside } from './damage-table.ts';
import { countNote, type DamageNote, type DamageNotes } from './damaged.ts';
import { isIntact } from './row-check.ts';
import { hasResults, tablesOf } from './tables.ts';

/** Rows of one batch. */
const BATCH = 200;

/**
 * Looks through both files, every page and every row, and notes what is damaged. It holds no transaction between its
 * steps. Yields about how many bytes it has read since the last time.
 */
export function* checkFiles(intake: Database, results: Database, notes: DamageNotes): Generator<number, void> {
  yield* checkPages('intake.db', intake, notes);
  yield* checkPages('results.db', results, notes);
  checkMeta('intake.db', intake, notes);
  checkMeta('results.db', results, notes);
  const series = seriesOf(intake, notes);
  noteSetAside(results, (id) => series.get(id), notes);
  hasReceivedDamage(intake, notes);
  yield* checkLog(intake, results, notes);
  yield* checkDetails(intake, notes);
  yield* checkLosses(intake, notes);
  yield* guarded(notes, countNote('refused', 'its pages'), checkRefusals(intake, notes));
  yield* guarded(notes, countNote('unplanned', 'its pages'), checkUnplanned(intake, notes));
  checkArrivals(intake, notes);
  yield* checkLayouts('intake.db', intake, notes);
  yield* checkLayouts('results.db', results, notes);
  yield* checkBlocks(results, series, notes);
  yield* checkRollups(results, series, notes);
  yield* checkNewest(results, notes);
  yield* checkRetired(results, notes);
}

const pagesOf = (file: DamageNote['file'], table: string, what = 'its pages'): DamageNote => ({
  file,
  table,
  what,
  results: hasResults(file, table) ? null : 0,
});

/**
 * SQLite's own check of the trees, table by table, indexes included: it finds rows that are lost in either, which no row's
 * check does.
 */
function* checkPages(file: DamageNote['file'], db: Database, notes: DamageNotes): Generator<number, void> {
  for (const table of tablesOf(file)) {
    const found = notes.guard<readonly string[]>(
      pagesOf(file, table),
      [],
      () => db.prepare(`SELECT * FROM pragma_integrity_check('${table}')`).pluck().all() as string[],
    );
    for (const message of found) if (message !== 'ok') notes.add(pagesOf(file, table, message.slice(0, 200)));
    yield 0;
  }
}

function seriesOf(intake: Database, notes: DamageNotes): ReadonlyMap<number, SeriesRow> {
  const damaged = (id: number): DamageNote => pagesOf('intake.db', 'series', `series ${id}`);
  const all = notes.guard<readonly SeriesRow[]>(pagesOf('intake.db', 'series'), [], () =>
    readSeries(intake, 0, (id) => notes.add(damaged(id))),
  );
  return new Map(all.map((one) => [one.id, one]));
}

function* checkLog(intake: Database, results: Database, notes: DamageNotes): Generator<number, void> {
  const after = notes.guard(pagesOf('results.db', 'meta'), 0, () => foldedThrough(results));
  const last = notes.guard(pagesOf('intake.db', 'log'), 0, () => lastEntry(intake));
  for (let at = after; at < last; ) {
    const batch = logRows<StoredLogRow>(intake, LOG_COLUMNS, { after: at, through: at + BATCH }, (from) =>
      notes.add(gapNote(from)),
    );
    let bytes = 0;
    for (const row of batch) {
      bytes += row.data.length;
      if (!isIntactBatch(row)) notes.add(batchNote(row));
    }
    at += BATCH;
    yield bytes;
  }
}

const lastEntry = (intake: Database): number =>
  (intake.prepare('SELECT max(id) FROM log').pluck().get() as number | null) ?? 0;

/** Rows of a table after a number, in batches. */
function* batches<Row>(db: Database, sql: string, keyOf: (row: Row) => number): Generator<readonly Row[], void> {
  const select = db.prepare(sql);
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = select.all(after, BATCH) as Row[];
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = keyOf(last);
  }
}

/** Ends at a page that cannot be read: the check of the pages has noted it. */
function* guarded(notes: DamageNotes, note: DamageNote, steps: Generator<number, void>): Generator<number, void> {
  for (;;) {
    const step = notes.guard<IteratorResult<number, void> | null>(note, null, () => steps.next());
    if (step === null || step.done === true) return;
    yield step.value;
  }
}

function* checkDetails(intake: Database, notes: DamageNotes): Generator<number, void> {
  const read = detailReader(intake);
  const sql = 'SELECT id, length(data) AS size FROM detail WHERE id > ? ORDER BY id LIMIT ?';
  const steps = function* () {
    for (const rows of batches<{ id: number; size: number }>(intake, sql, ({ id }) => id)) {
      for (const { id } of rows)
        notes.guard(pagesOf('intake.db', 'detail', `detail ${id}`), undefined, () => void read(id));
      yield rows.reduce((sum, { size }) => sum + size, 0);
    }
  };
  yield* guarded(notes, pagesOf('intake.db', 'detail'), steps());
}

interface LossRow {
  readonly id: number;
  readonly kind: string;
  readonly agent: number;
  readonly check_id: number;
  readonly target: number;
  readonly reason: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly count: number;
  readonly crc: number | null;
}

function* checkLosses(intake: Database, notes: DamageNotes): Generator<number, void> {
  const sql = 'SELECT * FROM loss WHERE id > ? ORDER BY id LIMIT ?';
  const steps = function* () {
    for (const rows of batches<LossRow>(intake, sql, ({ id }) => id)) {
      for (const { id, kind, agent, check_id, target, reason, from_ms, to_ms, count, crc } of rows)
        if (!isIntact(crc, 'loss', [agent, check_id, target, from_ms, to_ms, count], kind, reason))
          notes.add(pagesOf('intake.db', 'loss', `row ${id}`));
      yield rows.length * 60;
    }
  };
  yield* guarded(notes, pagesOf('intake.db', 'loss'), steps());
}

function* checkLayouts(file: DamageNote['file'], db: Database, notes: DamageNotes): Generator<number, void> {
  const { textOf } = layoutTable(db);
  const steps = function* () {
    const sql = 'SELECT id FROM layout WHERE id > ? ORDER BY id LIMIT ?';
    for (const rows of batches<{ id: number }>(db, sql, ({ id }) => id)) {
      for (const { id } of rows) notes.guard(pagesOf(file, 'layout', `layout ${id}`), undefined, () => void textOf(id));
      yield rows.length * 100;
    }
  };
  yield* guarded(notes, pagesOf(file, 'layout'), steps());
}

const foldsOf = (results: Database, notes: DamageNotes): readonly number[] => {
  const { folds, damaged } = readFolds(results, notes);
  return [...folds.map(({ id }) => id), ...damaged];
};

/** Heads and their blocks, together: a merge may move both at any time. */
function* checkBlocks(
  results: Database,
  series: ReadonlyMap<number, SeriesRow>,
  notes: DamageNotes,
): Generator<number, void> {
  const blocks = new BlockStore(results);
  const select = results.prepare(
    `SELECT ${HEAD_COLUMNS} FROM block_head WHERE fold = ? AND (series, part) > (?, ?) ORDER BY series, part LIMIT ${BATCH}`,
  );
  const check = (fold: number, after: readonly [number, number]) =>
    results.transaction(() => {
      const heads = select.all(fold, ...after) as StoredHead[];
      let bytes = 0;
      for (const { series: of, block, fromMs, toMs, rows } of intactHeads(heads, notes))
        bytes += notes.guard(
          blockNote(series.get(of), `block ${block}`, { fromMs, toMs, results: rows }),
          0,
          () => blocks.get({ kind: 'rows', series: of }, block).length,
        );
      return { last: heads.at(-1), isEnd: heads.length < BATCH, bytes };
    })();
  const steps = function* () {
    for (const fold of foldsOf(results, notes))
      for (let after: [number, number] | null = [0, 0]; after !== null; ) {
        const { last, isEnd, bytes } = check(fold, after);
        after = isEnd || last === undefined ? null : [last.series, last.part];
        yield bytes;
      }
  };
  yield* guarded(notes, pagesOf('results.db', 'block_head'), steps());
}

const blockNote = (
  series: SeriesRow | undefined,
  what: string,
  span: Pick<DamageNote, 'fromMs' | 'toMs' | 'results'>,
): DamageNote => ({ file: 'results.db', table: 'block', what, ...span, ...(series === undefined ? {} : { series }) });

function* checkRollups(
  results: Database,
  series: ReadonlyMap<number, SeriesRow>,
  notes: DamageNotes,
): Generator<number, void> {
  const blocks = new BlockStore(results);
  const select = piecesWhere(
    results,
    `fold = ? AND (series, level, part) > (?, ?, ?) ORDER BY series, level, part LIMIT ${BATCH}`,
    notes,
  );
  const check = (fold: number, after: readonly [number, number, number]) =>
    results.transaction(() => {
      const pieces = select(fold, ...after);
      let bytes = 0;
      for (const { series: of, block, level, fromMs, toMs } of pieces)
        bytes += notes.guard(
          blockNote(series.get(of), `rollup ${block}`, { fromMs, toMs: toMs + widthOf(level) - 1, results: null }),
          0,
          () => blocks.get({ kind: 'rollup', series: of }, block).length,
        );
      return { last: pieces.at(-1), bytes };
    })();
  const steps = function* () {
    for (const fold of foldsOf(results, notes))
      for (let after: [number, number, number] | null = [0, 0, 0]; after !== null; ) {
        const { last, bytes }: ReturnType<typeof check> = check(fold, after);
        after = last === undefined ? null : [last.series, last.level, last.part];
        yield bytes;
      }
  };
  yield* guarded(notes, pagesOf('results.db', 'rollup_head'), steps());
}

function* checkNewest(results: Database, notes: DamageNotes): Generator<number, void> {
  const sql = 'SELECT * FROM newest WHERE series > ? ORDER BY series LIMIT ?';
  const steps = function* () {
    for (const rows of batches<NewestRow>(results, sql, ({ series }) => series)) {
      for (const row of rows)
        if (!isIntactNewest(row)) notes.add(pagesOf('results.db', 'newest', `series ${row.series}`));
      yield rows.reduce((sum, { data }) => sum + data.length, 0);
    }
  };
  yield* guarded(notes, pagesOf('results.db', 'newest'), steps());
}

function* checkRetired(results: Database, notes: DamageNotes): Generator<number, void> {
  const note = pagesOf('results.db', 'retired');
  const steps = function* () {
    let seen = 0;
    for (const row of results.prepare(`SELECT ${RETIRED_COLUMNS} FROM retired`).all() as RetiredRow[]) {
      if (!isIntactRetired(row)) notes.add(retiredNote(row));
      if (++seen % BATCH === 0) yield BATCH * 40;
    }
  };
  yield* guarded(notes, note, steps());
}
