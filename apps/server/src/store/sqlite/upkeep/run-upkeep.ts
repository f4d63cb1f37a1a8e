import { Worker } from 'node:worker_threads';
import { StoreError, type StoreErrorCode } from '../../store-error.ts';
import { threadOptions } from '../thread-options.ts';
import type { UpkeepDone, UpkeepOrder, UpkeepReport } from './upkeep-thread.ts';

/** Runs one task in a separate thread. @returns its outcome. @throws StoreError if it failed. */
export function runUpkeep(order: UpkeepOrder): Promise<UpkeepDone> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./upkeep-thread.js', import.meta.url), threadOptions('store upkeep', order));
    let report: UpkeepReport | undefined;
    worker.once('message', (message: UpkeepReport) => {
      report = message;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      if (report === undefined) reject(new StoreError('internal', 'the upkeep ended without a report'));
      else if ('error' in report) reject(new StoreError(report.error.code as StoreErrorCode, report.error.message));
      else resolve(report);
    });
  });
}
