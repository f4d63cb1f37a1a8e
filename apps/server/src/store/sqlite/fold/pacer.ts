import { setPriority } from 'node:os';

const WORK_MS = 20;
const REST_MS = 5;
const LOW_PRIORITY = 10;

/** Gives way: after each stretch of work a short rest, so that the intake's commits come first. `hurry` never rests. */
export function pacer(hurry: boolean): () => void {
  if (hurry) return () => undefined;
  lowerPriority();
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  let startedMs = performance.now();
  return () => {
    if (performance.now() - startedMs < WORK_MS) return;
    Atomics.wait(asleep, 0, 0, REST_MS);
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
