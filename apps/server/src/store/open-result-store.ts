import { join } from 'node:path';
import type { Catalog } from '@netsonde/probes/catalog';
import type { ResultStore, Retention, StoreUpkeep } from './result-store.ts';
import { openSqliteResultStore } from './sqlite/sqlite-result-store.ts';

export interface ResultStoreOptions {
  /** Name of the folder within the data folder; default: results. */
  readonly folder?: string;
  /** The configuration database: only what its spans gave an agent is stored of it. Absent: no plan restricts it. */
  readonly planFile?: string;
  /** By default everything is kept for ever. */
  readonly retention?: Retention;
  /** Told what the background could not do (folding on a full disk); it tries again by itself. */
  readonly onError?: (error: Error) => void;
  /** Told what the background did. */
  readonly onWork?: (work: StoreUpkeep) => void;
}

/**
 * Opens the results of a data folder, in a folder within it. Hold the data folder's lock.
 * @throws StoreError that names the file when a database is damaged or cannot be opened.
 */
export function openResultStore(
  dataFolder: string,
  catalog: Catalog,
  { folder = 'results', ...options }: ResultStoreOptions = {},
): Promise<ResultStore> {
  return openSqliteResultStore({ folder: join(dataFolder, folder), catalog, ...options });
}
