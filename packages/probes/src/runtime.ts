/** The runnable half of all probes, for Node. */
export * from './contract/context.ts';
export * from './contract/policy.ts';
export * from './contract/runner.ts';
export * from './net/resolve.ts';
export { isFor } from './net/server-identity.ts';
export * from './net/system-clock.ts';
export * from './run/execute.ts';
export { RunStop } from './run/run-stop.ts';
export { StallWatch, stallWatch } from './run/stall-watch.ts';
export * from './run/system-run-host.ts';
export * from './runners.ts';
