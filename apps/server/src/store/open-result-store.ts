import { join } from 'node:path';
import type { Catalog } from '@netsonde/probes/catalog';
import type { ResultStore, Retention, StoreUpkeep } from './result-store.ts';
import { openSqliteResultStore } from './sqlite/sqlite-result-store.ts';
import type { StoreClock } from './sqlite/upkeep/upkeep-schedule.ts';

export interface ResultStoreOptions {
  /** Name of the folder within the data folder; default: results. */
  readonly folder?: string;
  /** The configuration database with the plan: only planned runs of an agent are stored. Absent: all are. */
  readonly planFile?: string;
  /** By default everything is kept for ever. */
  readonly retention?: Retention;
  /** What is past its retention by the least time is hidden, and deleted a day later. Absent: the wall clock. */
  readonly clock?: StoreClock;
  /** Called when background work fails (a fold on a full disk). It is retried automatically. */
  readonly onError?: (error: Error) => void;
  /** Called after background work. */
  readonly onWork?: (work: StoreUpkeep) => void;
}

/**
 * Opens the result store in a folder within the data folder. The caller must hold the data folder's lock.
 * @throws StoreError that names the file when a database is damaged or cannot be opened.
 */
export function openResultStore(
  dataFolder: string,
  catalog: Catalog,
  { folder = 'results', ...options }: ResultStoreOptions = {},
): Promise<ResultStore> {
  return openSqliteResultStore({ folder: join(dataFolder, folder), catalog, ...options });
}
