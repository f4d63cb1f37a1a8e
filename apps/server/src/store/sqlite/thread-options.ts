import type { WorkerOptions } from 'node:worker_threads';

/** Room for short-lived objects of a thread, MB: what V8 would take by itself is several times as much and never given back. */
const YOUNG_MB = 8;

/** Options of the store's threads. They take no flags of the process: they run compiled code, also in suites. */
export const threadOptions = (name: string, workerData: unknown): WorkerOptions => ({
  name,
  workerData,
  execArgv: [],
  resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
});
