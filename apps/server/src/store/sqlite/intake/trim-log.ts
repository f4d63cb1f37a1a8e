import type { Database } from 'better-sqlite3';
import { isDamage } from '../damage/damaged.ts';
import { foldedThrough } from '../results-database.ts';
import { logRows } from './log-table.ts';

/** Entries deleted per transaction, so that no commit of the intake waits long. */
const STEP = 64;

/** Deletes a step of log entries whose results are in blocks. @returns whether more are left. */
export function trimLog(intake: Database, results: Database): boolean {
  const through = foldedThrough(results);
  const ids: number[] = [];
  for (const { id } of logRows<{ id: number }>(intake, 'id', { after: 0, through }, () => undefined))
    if (ids.push(id) === STEP) break;
  const drop = intake.prepare('DELETE FROM log WHERE id = ?');
  let dropped = 0;
  intake.transaction(() => {
    for (const id of ids) dropped += passingOver(() => drop.run(id).changes);
  })();
  return dropped > 0 && ids.length === STEP;
}

/** What lies on damaged pages stays there. */
function passingOver(step: () => number): number {
  try {
    return step();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return 0;
  }
}

/** Gives the pages of deleted entries back to the file system and empties the WAL. */
export function shrinkIntake(intake: Database): void {
  intake.pragma('incremental_vacuum');
  intake.pragma('wal_checkpoint(TRUNCATE)');
}
