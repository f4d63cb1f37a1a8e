import { join } from 'node:path';
import type { Catalog } from '@netsonde/probes/catalog';
import type { ResultStore } from './result-store.ts';
import { openSqliteResultStore } from './sqlite/sqlite-result-store.ts';

/**
 * Opens the results of a data folder, in the folder `results` within it. Hold the data folder's lock.
 * @param onError told what the background could not do (folding on a full disk); it tries again by itself.
 * @throws StoreError that names the file when a database is damaged or cannot be opened.
 */
export function openResultStore(
  dataFolder: string,
  catalog: Catalog,
  onError?: (error: Error) => void,
): Promise<ResultStore> {
  return openSqliteResultStore({
    folder: join(dataFolder, 'results'),
    catalog,
    ...(onError === undefined ? {} : { onError }),
  });
}
