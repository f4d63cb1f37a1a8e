import type { Database } from 'better-sqlite3';
import { BlockStore } from '../blocks/block-store.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** Blocks of one series deleted per transaction, and series in it, so that no commit of the intake waits long. */
const MOST_BLOCKS = 64;
const MOST_SERIES = 16;
/** Freed pages given back to the file system per step. */
const MOST_PAGES = 256;

/** Takes the series of a check away and notes that their blocks are to be deleted. Call it inside a transaction. */
export function forgetSeries(intake: Database, check: number): void {
  const add = intake.prepare('INSERT INTO purge (series, crc) VALUES (?, ?)');
  for (const series of intake.prepare('SELECT id FROM series WHERE check_id = ?').pluck().all(check) as number[])
    add.run(series, rowCheck('purge', [series]));
  intake.prepare('DELETE FROM series WHERE check_id = ?').run(check);
}

/**
 * Deletes some of what forgotten series left in blocks. No fold may run beside it: one that began before a series was
 * forgotten still writes blocks of it.
 * @returns whether there may be more.
 */
export function purgeStep(intake: Database, results: Database): boolean {
  const rows = intake.prepare('SELECT series, crc FROM purge ORDER BY series LIMIT ?').all(MOST_SERIES) as {
    series: number;
    crc: number | null;
  }[];
  if (rows.length === 0) return false;
  // A damaged entry may name a series that nobody forgot: it deletes nothing.
  const isDue = intake.prepare('SELECT 1 FROM series WHERE id = ?');
  const due = rows.filter(({ series, crc }) => isIntact(crc, 'purge', [series]) && isDue.get(series) === undefined);
  const deleted = results.transaction(() => due.filter(({ series }) => deleteBlocks(results, series))).immediate();
  const done = [...deleted, ...rows.filter((row) => !due.includes(row))].map(({ series }) => series);
  results.pragma(`incremental_vacuum(${MOST_PAGES})`);
  const settle = intake.prepare('DELETE FROM purge WHERE series = ?');
  intake.transaction(() => {
    for (const series of done) settle.run(series);
  })();
  return true;
}

/** True when nothing of the series is left. */
function deleteBlocks(results: Database, series: number): boolean {
  for (const table of ['newest', 'retired']) results.prepare(`DELETE FROM ${table} WHERE series = ?`).run(series);
  const blocks = new BlockStore(results);
  const isEmptied = (['block_head', 'rollup_head'] as const).map((table) => {
    const heads = results
      .prepare(`SELECT fold, block FROM ${table} WHERE fold IN (SELECT id FROM fold) AND series = ? LIMIT ?`)
      .all(series, MOST_BLOCKS) as { fold: number; block: number }[];
    const leave = results.prepare(`DELETE FROM ${table} WHERE fold = ? AND series = ? AND block = ?`);
    for (const { fold, block } of heads) {
      blocks.drop(block);
      leave.run(fold, series, block);
    }
    return heads.length < MOST_BLOCKS;
  });
  return isEmptied.every(Boolean);
}
