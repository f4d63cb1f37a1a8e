import { setFlagsFromString } from 'node:v8';

/**
 * Sets V8 flags for a process that repeats a few tasks for months, with pauses. Compiled code that was not used for
 * some collections is kept. The thread that is awake makes the many small collections, instead of waking four others
 * for each.
 */
export function keepCode(): void {
  setFlagsFromString('--no-flush-bytecode');
  setFlagsFromString('--no-parallel-scavenge');
}
