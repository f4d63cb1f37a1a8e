import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../../open-database.ts';
import { storeErrorOf } from '../../store-error.ts';
import { foldOnce } from '../fold/fold.ts';
import { intakeFile } from '../intake/intake-database.ts';
import { mergeStep } from '../merge/merge.ts';
import { openResultsDatabase, resultsFile } from '../results-database.ts';
import { type Horizons, moveHorizons } from '../retention/horizons.ts';
import { retireStep } from '../retention/retire.ts';
import { pacer, Stopped } from './pacer.ts';

/** What is to be done in one life of the thread. */
export type UpkeepTask =
  /** Everything in the log becomes blocks. */
  | { readonly do: 'fold' }
  /** Some folds become one. */
  | { readonly do: 'merge' }
  /** What is older than this is deleted. */
  | { readonly do: 'retire'; readonly horizons: Horizons }
  /** Everything is folded, whatever can be merged is, and freed room is given back to the file system. */
  | { readonly do: 'compact' };

export interface UpkeepOrder {
  readonly folder: string;
  readonly task: UpkeepTask;
  /** Most bytes of log that are held in memory at once. */
  readonly mostBytes: number;
  /** Metrics that keep a quantile sketch in rollups. */
  readonly sketched: readonly string[];
  /** Without rests and without an end to the work of one life. */
  readonly hurry: boolean;
  /** One number; 1 asks the thread to end soon, where it does not hurry. */
  readonly stop: Int32Array;
}

/** What one life of the thread did. */
export interface UpkeepDone {
  /** Whether there is more to do of the same. */
  readonly more: boolean;
  /** Results that became blocks. */
  readonly folded: number;
  /** Steps of merging or retiring. */
  readonly steps: number;
}

export type UpkeepReport = UpkeepDone | { readonly error: { readonly code: string; readonly message: string } };

/** After so long a thread that merges ends, and says that there is more: a fold may be due. */
const LIFE_MS = 3000;

const { folder, task, mostBytes, sketched, hurry, stop } = workerData as UpkeepOrder;
const pause = pacer(hurry, stop);
const sketches = new Set(sketched);

let folded = 0;
let steps = 0;

/** @returns whether there is more to do of the same. */
function work(results: Database): boolean {
  switch (task.do) {
    case 'fold':
      return foldAll(results);
    case 'merge':
      return repeat(() => mergeStep(results, { sketched: sketches, all: false, pause }));
    case 'retire':
      moveHorizons(results, task.horizons);
      return repeat(() => retireStep(results, sketches));
    case 'compact':
      foldAll(results);
      repeat(() => mergeStep(results, { sketched: sketches, all: true, pause }));
      results.pragma('incremental_vacuum');
      results.pragma('wal_checkpoint(TRUNCATE)');
      return false;
  }
}

function foldAll(results: Database): boolean {
  const intake = openDatabase(intakeFile(folder), { pageSize: 4096, cacheKib: 1024, readonly: true });
  try {
    for (let rows = -1; rows !== 0; folded += rows)
      rows = foldOnce(intake, results, { mostBytes, pause, sketched: sketches });
    return false;
  } finally {
    intake.close();
  }
}

/** Repeats a step until there is nothing left, or time is up. @returns whether something may be left. */
function repeat(step: () => boolean): boolean {
  const endMs = hurry ? Number.POSITIVE_INFINITY : performance.now() + LIFE_MS;
  while (performance.now() < endMs) {
    if (!step()) return false;
    steps += 1;
    pause();
  }
  return true;
}

function upkeep(): UpkeepReport {
  const results = openResultsDatabase(folder, 'write');
  try {
    return { more: work(results), folded, steps };
  } catch (error) {
    if (error instanceof Stopped) return { more: true, folded, steps };
    const { code, message } = storeErrorOf(error, resultsFile(folder));
    return { error: { code, message } };
  } finally {
    results.close();
  }
}

parentPort?.postMessage(upkeep());
