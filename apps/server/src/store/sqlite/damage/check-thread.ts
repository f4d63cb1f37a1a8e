import { parentPort, workerData } from 'node:worker_threads';
import { openIntakeDatabase } from '../intake/intake-database.ts';
import { openResultsDatabase } from '../results-database.ts';
import { pacer, Stopped } from '../upkeep/pacer.ts';
import { checkFiles } from './check-files.ts';
import { type DamageNote, DamageNotes } from './damaged.ts';

export interface CheckOrder {
  readonly folder: string;
  /** Without rests: somebody waits for it. */
  readonly hurry: boolean;
  /** One number; 1 asks the thread to end soon. */
  readonly stop: Int32Array;
}

/** What one pass over both files found; null: it was asked to end before its end. */
export type CheckReport = { readonly damage: readonly DamageNote[] } | null;

/** Bytes between two rests, and the rest, ms: at most 20 MB a second are read. */
const REST_AFTER_BYTES = 1024 * 1024;
const REST_MS = 50;

const { folder, hurry, stop } = workerData as CheckOrder;

function check(): CheckReport {
  const pause = pacer(hurry, stop);
  const intake = openIntakeDatabase(folder, 'read');
  const results = openResultsDatabase(folder, 'read');
  const notes = new DamageNotes();
  try {
    let bytes = 0;
    for (const read of checkFiles(intake, results, notes)) {
      if (Atomics.load(stop, 0) !== 0) return null;
      bytes += read;
      if (!hurry && bytes >= REST_AFTER_BYTES) {
        bytes = 0;
        Atomics.wait(stop, 0, 0, REST_MS);
      }
      pause();
    }
    return { damage: notes.take() };
  } catch (error) {
    if (error instanceof Stopped) return null;
    throw error;
  } finally {
    intake.close();
    results.close();
  }
}

parentPort?.postMessage(check());
