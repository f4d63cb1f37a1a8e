import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../../open-database.ts';
import { storeErrorOf } from '../../store-error.ts';
import { intakeFile } from '../intake/intake-database.ts';
import { openResultsDatabase, resultsFile } from '../results-database.ts';
import { foldOnce } from './fold.ts';
import { pacer } from './pacer.ts';

/** What a fold is asked: everything there is, or the log as it stands beyond a size. */
export interface FoldOrder {
  readonly folder: string;
  readonly mostBytes: number;
  /** Without rests. */
  readonly hurry: boolean;
}

export type FoldReport =
  | { readonly rows: number }
  | { readonly error: { readonly code: string; readonly message: string } };

const { folder, mostBytes, hurry } = workerData as FoldOrder;

function foldAll(): FoldReport {
  const intake = openDatabase(intakeFile(folder), { pageSize: 4096, cacheKib: 1024, readonly: true });
  const results = openResultsDatabase(folder, 'write');
  try {
    const pause = pacer(hurry);
    let rows = 0;
    for (;;) {
      const folded = foldOnce(intake, results, { mostBytes, pause });
      rows += folded;
      if (folded === 0) break;
    }
    if (hurry) results.pragma('wal_checkpoint(TRUNCATE)');
    return { rows };
  } catch (error) {
    const { code, message } = storeErrorOf(error, resultsFile(folder));
    return { error: { code, message } };
  } finally {
    intake.close();
    results.close();
  }
}

parentPort?.postMessage(foldAll());
