/** Messages between agent and server. Browser-safe. */
export * from './labels.ts';
export * from './name.ts';
export * from './record.ts';
export * from './refused-reasons.ts';
export * from './schedule-grid.ts';
export * from './session/assignment.ts';
export * from './session/backoff.ts';
export * from './session/enrolment-token.ts';
export * from './session/messages.ts';
export * from './session/plain-address.ts';
export * from './session/transcript.ts';
export * from './session/version.ts';
export * from './words.ts';
export * from './wrong/issue-words.ts';
export * from './wrong/wrong-fields.ts';
