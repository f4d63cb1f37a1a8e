/** Bodies of the REST API under /api/v1. Browser-safe. */
export * from '../labels.ts';
export * from '../name.ts';
export * from './access.ts';
export * from './agents.ts';
export * from './catalog.ts';
export * from './clock.ts';
export * from './common.ts';
export * from './coverage.ts';
export * from './current-verdict.ts';
export * from './fleet-keys.ts';
export * from './results.ts';
export * from './series-states.ts';
export * from './tests.ts';
