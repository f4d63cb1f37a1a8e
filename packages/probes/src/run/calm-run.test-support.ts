import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/** How often a process is checked, ms. */
const LOOK_MS = 10;
/** A run counts only if its process was stalled for less than this, ms. A run itself reports only far longer stalls. */
const STILL_MS = 100;
const MOST_RUNS = 4;

/** What a run yielded, and the longest stall of its process during the run, ms. */
export interface Watched<Result> {
  readonly result: Result;
  readonly stalledMs: number;
}

/**
 * The result of a run whose process was not stalled. If the process was stalled, the run is repeated whatever it
 * yielded, so that a suite judges the probe and not the machine. After a few attempts the last one counts in any case.
 * @param run starts from scratch each time
 */
export async function calmRun<Result>(run: () => Promise<Watched<Result>>): Promise<Result> {
  for (let left = MOST_RUNS - 1; ; left -= 1) {
    const { result, stalledMs } = await run();
    if (stalledMs < STILL_MS || left === 0) return result;
    countRerun();
  }
}

/** `npm test` prints how often this happened, and fails when it happened too often. */
function countRerun(): void {
  const file = process.env.NETSONDE_RERUNS;
  if (file !== undefined) appendFileSync(file, `${expect.getState().testPath ?? 'a suite'}\n`);
}

/** Does a run in this process and watches the process for stalls. */
export async function watched<Result>(run: () => Promise<Result>): Promise<Watched<Result>> {
  const stillMs = watchThisProcess(LOOK_MS);
  try {
    const result = await run();
    return { result, stalledMs: stillMs() };
  } finally {
    stillMs();
  }
}

/** {@link calmRun} of runs in this process. */
export const calmly = <Result>(run: () => Promise<Result>): Promise<Result> => calmRun(() => watched(run));

/** A JavaScript expression that starts to watch the process that evaluates it, as {@link watched} does. */
export const WATCH_THIS_PROCESS = `(${watchThisProcess.toString()})(${LOOK_MS})`;

/**
 * Watches until the caller asks for the longest stall of the process, ms. It uses nothing else of this file, because it
 * is sent as text.
 */
function watchThisProcess(periodMs: number): () => number {
  let lastMs = performance.now();
  let longestMs = 0;
  const sample = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - periodMs);
    lastMs = nowMs;
  };
  const timer = setInterval(sample, periodMs);
  return () => {
    clearInterval(timer);
    sample();
    return longestMs;
  };
}
