import type { Clock } from '../contract/context.ts';

/** The process's own clocks. */
export const systemClock: Clock = Object.freeze({
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
});
