import type { Database } from 'better-sqlite3';

/** Blocks of one series deleted per transaction, and series in it, so that no commit of the intake waits long. */
const MOST_BLOCKS = 64;
const MOST_SERIES = 16;
/** Freed pages given back to the file system per step. */
const MOST_PAGES = 256;

interface Head {
  readonly fold: number;
  readonly series: number;
  readonly part: number;
  readonly block: number;
}

/** Takes the series of a check away and notes that their blocks are to be deleted. Call it inside a transaction. */
export function forgetSeries(intake: Database, check: number): void {
  intake.prepare('INSERT INTO purge SELECT id FROM series WHERE check_id = ?').run(check);
  intake.prepare('DELETE FROM series WHERE check_id = ?').run(check);
}

/**
 * Deletes some of what forgotten series left in blocks. No fold may run beside it: one that began before a series was
 * forgotten still writes blocks of it.
 * @returns whether there may be more.
 */
export function purgeStep(intake: Database, results: Database): boolean {
  const due = intake.prepare('SELECT series FROM purge ORDER BY series LIMIT ?').pluck().all(MOST_SERIES) as number[];
  if (due.length === 0) return false;
  const done = results.transaction(() => due.filter((series) => deleteBlocks(results, series))).immediate();
  results.pragma(`incremental_vacuum(${MOST_PAGES})`);
  const settle = intake.prepare('DELETE FROM purge WHERE series = ?');
  intake.transaction(() => {
    for (const series of done) settle.run(series);
  })();
  return true;
}

/** True when nothing of the series is left. */
function deleteBlocks(results: Database, series: number): boolean {
  results.prepare('DELETE FROM newest WHERE series = ?').run(series);
  const heads = results
    .prepare(
      'SELECT fold, series, part, block FROM block_head WHERE fold IN (SELECT id FROM fold) AND series = ? LIMIT ?',
    )
    .all(series, MOST_BLOCKS) as Head[];
  const dropBlock = results.prepare('DELETE FROM block WHERE id = ?');
  const dropHead = results.prepare('DELETE FROM block_head WHERE fold = ? AND series = ? AND part = ?');
  for (const { fold, part, block } of heads) {
    dropBlock.run(block);
    dropHead.run(fold, series, part);
  }
  return heads.length < MOST_BLOCKS;
}
