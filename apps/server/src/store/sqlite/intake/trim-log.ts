import type { Database } from 'better-sqlite3';
import { foldedThrough } from '../results-database.ts';

/** Entries deleted per transaction, so that no commit of the intake waits long. */
const STEP = 64;

/** Deletes a step of log entries whose results are in blocks. @returns whether more are left. */
export function trimLog(intake: Database, results: Database): boolean {
  const through = foldedThrough(results);
  const { changes } = intake
    .prepare('DELETE FROM log WHERE id IN (SELECT id FROM log WHERE id <= ? ORDER BY id LIMIT ?)')
    .run(through, STEP);
  return changes === STEP;
}

/** Gives the pages of deleted entries back to the file system and empties the WAL. */
export function shrinkIntake(intake: Database): void {
  intake.pragma('incremental_vacuum');
  intake.pragma('wal_checkpoint(TRUNCATE)');
}
