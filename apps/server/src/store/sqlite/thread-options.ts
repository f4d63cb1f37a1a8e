import type { WorkerOptions } from 'node:worker_threads';

/** Young generation of a thread's heap, MB. V8's default is several times as large, and its memory is never freed. */
const YOUNG_MB = 8;

/** Options of the store's threads. They do not inherit the process's flags: they run compiled code, even in tests. */
export const threadOptions = (name: string, workerData: unknown): WorkerOptions => ({
  name,
  workerData,
  execArgv: [],
  resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
});
