/** The pure half of all probes: names, options and metrics. Safe in a browser. */
export * from './contract/conformance.ts';
export * from './contract/descriptor.ts';
export * from './contract/expectation.ts';
export * from './contract/figure-range.ts';
export * from './contract/metric.ts';
export * from './contract/normal-target.ts';
export * from './contract/option-field.ts';
export * from './contract/outcome.ts';
export * from './contract/parse-target.ts';
export * from './contract/plain-codes.ts';
export * from './contract/secret-options.ts';
export * from './contract/target.ts';
export * from './contract/verdict.ts';
export * from './registry.ts';
