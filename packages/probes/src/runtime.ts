/** The runnable half of all probes, for Node. */
export * from './contract/context.ts';
export * from './contract/execute.ts';
export * from './contract/policy.ts';
export * from './contract/resolve.ts';
export { RunStop } from './contract/run-stop.ts';
export * from './contract/runner.ts';
export { isFor } from './contract/server-identity.ts';
export * from './contract/system-clock.ts';
export * from './contract/system-run-host.ts';
export * from './runners.ts';
