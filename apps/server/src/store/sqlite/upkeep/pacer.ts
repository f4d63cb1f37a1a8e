import { setPriority } from 'node:os';

const WORK_MS = 20;
const REST_MS = 5;
const LOW_PRIORITY = 10;

/** Thrown by a pause to end the work now. Its transaction is rolled back. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Pauses briefly after each slice of work, so that the intake's commits have priority. `hurry` never pauses.
 * @param stop another thread sets its first number to 1 to end the work.
 */
export function pacer(hurry: boolean, stop: Int32Array): () => void {
  if (hurry) return () => undefined;
  lowerPriority();
  let startedMs = performance.now();
  return () => {
    if (Atomics.load(stop, 0) !== 0) throw new Stopped();
    if (performance.now() - startedMs < WORK_MS) return;
    Atomics.wait(stop, 0, 0, REST_MS);
    startedMs = performance.now();
  };
}

/** On Linux this sets only the calling thread's priority. Elsewhere it would set the process's, so it is skipped. */
function lowerPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, LOW_PRIORITY);
  } catch {
    // Without the permission, the pauses must suffice.
  }
}
