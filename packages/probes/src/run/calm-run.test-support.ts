import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/** How often a process is looked at, ms. */
const LOOK_MS = 10;
/** A process that stood still so long at a stretch is no witness, ms: far less than a run needs to say so itself. */
const STILL_MS = 100;
const MOST_RUNS = 4;

/** What a run yielded, and how long the process that did it stood still at a stretch meanwhile, ms. */
export interface Watched<Result> {
  readonly result: Result;
  readonly stoodStillMs: number;
}

/**
 * What a run yields in a process that kept moving. One in which the process stood still is done again whatever it yielded,
 * so that a suite judges the probe and not the machine; the last of a few is judged in any case.
 * @param run starts from nothing each time
 */
export async function calmRun<Result>(run: () => Promise<Watched<Result>>): Promise<Result> {
  for (let left = MOST_RUNS - 1; ; left -= 1) {
    const { result, stoodStillMs } = await run();
    if (stoodStillMs < STILL_MS || left === 0) return result;
    countRerun();
  }
}

/** `npm test` prints how often this happened, and fails when it happened too often. */
function countRerun(): void {
  const file = process.env.NETSONDE_RERUNS;
  if (file !== undefined) appendFileSync(file, `${expect.getState().testPath ?? 'a suite'}\n`);
}

/** Does a run in this process and watches the process meanwhile. */
export async function watched<Result>(run: () => Promise<Result>): Promise<Watched<Result>> {
  const stillMs = watchThisProcess(LOOK_MS);
  try {
    const result = await run();
    return { result, stoodStillMs: stillMs() };
  } finally {
    stillMs();
  }
}

/** {@link calmRun} of runs in this process. */
export const calmly = <Result>(run: () => Promise<Result>): Promise<Result> => calmRun(() => watched(run));

/** An expression of JavaScript that begins to watch the process that it stands in, as {@link watched} does. */
export const WATCH_THIS_PROCESS = `(${watchThisProcess.toString()})(${LOOK_MS})`;

/** Watches until it is asked how long the process stood still at most, ms. Uses nothing of this file: it is sent as text. */
function watchThisProcess(lookMs: number): () => number {
  let lastMs = performance.now();
  let longestMs = 0;
  const look = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - lookMs);
    lastMs = nowMs;
  };
  const timer = setInterval(look, lookMs);
  return () => {
    clearInterval(timer);
    look();
    return longestMs;
  };
}
