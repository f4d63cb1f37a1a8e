import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../../open-database.ts';
import { storeErrorOf } from '../../store-error.ts';
import { reviewNewest } from '../blocks/review-newest.ts';
import { LayoutBook } from '../codec/layouts.ts';
import { foldOnce } from '../fold/fold.ts';
import { intakeFile } from '../intake/intake-database.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { mergeStep } from '../merge/merge.ts';
import { openResultsDatabase, resultsFile } from '../results-database.ts';
import { type HorizonMove, moveHorizons } from '../retention/horizons.ts';
import { retireStep } from '../retention/retire.ts';
import { pacer, Stopped } from './pacer.ts';

/** The task of one run of the thread. */
export type UpkeepTask =
  /** Folds the whole log into blocks. */
  | { readonly do: 'fold' }
  /** Merges some folds into one. */
  | { readonly do: 'merge' }
  /** Moves the horizons, and deletes what is due for it. */
  | { readonly do: 'retire'; readonly move: HorizonMove }
  /** Folds everything, merges all that it can, and returns freed pages to the file system. */
  | { readonly do: 'compact' };

export interface UpkeepOrder {
  readonly folder: string;
  readonly task: UpkeepTask;
  /** Most bytes of log in memory at once. */
  readonly mostBytes: number;
  /** Metrics that keep a quantile sketch in rollups. */
  readonly sketched: readonly string[];
  /** Whether to work without pauses and without a time limit. */
  readonly hurry: boolean;
  /** Shared flag. 1 asks the thread to end soon, unless it hurries. */
  readonly stop: Int32Array;
}

/** The outcome of one run of the thread. */
export interface UpkeepDone {
  /** Whether more work of this kind is left. */
  readonly more: boolean;
  /** Results folded into blocks. */
  readonly folded: number;
  /** Steps of merging or deleting expired results. */
  readonly steps: number;
}

export type UpkeepReport = UpkeepDone | { readonly error: { readonly code: string; readonly message: string } };

/** Time limit of a merging thread, ms. It then reports that more is left, since a fold may be due. */
const LIFE_MS = 3000;

const { folder, task, mostBytes, sketched, hurry, stop } = workerData as UpkeepOrder;
const pause = pacer(hurry, stop);
const sketches = new Set(sketched);

let folded = 0;
let steps = 0;

/** @returns whether more work of this kind is left. */
function work(results: Database): boolean {
  switch (task.do) {
    case 'fold':
      return foldAll(results);
    case 'merge':
      return repeat(() => mergeStep(results, { sketched: sketches, all: false, pause }));
    case 'retire':
      moveHorizons(results, task.move);
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
    reviewNewest(results, new LayoutBook(layoutTable(intake)));
    for (let rows = -1; rows !== 0; folded += rows)
      rows = foldOnce(intake, results, { mostBytes, pause, sketched: sketches });
    return false;
  } finally {
    intake.close();
  }
}

/** Repeats a step until no work is left or time is up. @returns whether work may be left. */
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
