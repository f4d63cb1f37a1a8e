import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 what it cannot know of an agent: that it does the same few things for months, with pauses. Code that was not used
 * through some collections is kept compiled, and the many small collections are made by the thread that is awake
 * anyway instead of waking four more for each.
 */
export function keepCode(): void {
  setFlagsFromString('--no-flush-bytecode');
  setFlagsFromString('--no-parallel-scavenge');
}
