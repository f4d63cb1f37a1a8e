import { setPriority } from 'node:os';

const WORK_MS = 20;
const REST_MS = 5;
const LOW_PRIORITY = 10;

/** Thrown by a pause when the work is to end now; its transaction is rolled back. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Gives way: after each stretch of work a short rest, so that the intake's commits come first. `hurry` never rests.
 * @param stop its first number is set to 1 from outside when the work is to end.
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

/** On Linux this is the calling thread's priority alone; elsewhere it would be the whole process's, so it is left. */
function lowerPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, LOW_PRIORITY);
  } catch {
    // Without the right to do so the rests must do.
  }
}
