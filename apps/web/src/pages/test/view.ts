import type { Test } from '@netsonde/protocol/api';

/** Which part of a test is shown. */
export interface View {
  /** Length of the window that ends now, ms. */
  readonly windowMs: number;
  readonly agent: number | undefined;
  readonly target: number | undefined;
}

const MINUTE_MS = 60_000;

export const WINDOWS = [
  { value: String(5 * MINUTE_MS), label: '5 min' },
  { value: String(15 * MINUTE_MS), label: '15 min' },
  { value: String(60 * MINUTE_MS), label: '1 h' },
  { value: String(6 * 60 * MINUTE_MS), label: '6 h' },
  { value: String(24 * 60 * MINUTE_MS), label: '24 h' },
  { value: String(7 * 24 * 60 * MINUTE_MS), label: '7 d' },
];

/** Beyond so many lines a page begins with the first target alone. */
const MANY_LINES = 100;

/** What a page shows before anything is chosen. */
export function firstView(test: Test, now: number): View {
  const many = test.assigned.length * test.targets.length > MANY_LINES;
  return { windowMs: defaultWindowMs(test, now), agent: undefined, target: many ? test.targets[0]?.id : undefined };
}

/** The window that a test's own life fills best. */
function defaultWindowMs({ startAt }: Pick<Test, 'startAt'>, now: number): number {
  const age = now - Date.parse(startAt);
  if (age < 5 * MINUTE_MS) return 5 * MINUTE_MS;
  return age < 60 * MINUTE_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

/** A line for each agent and each target, as far as they are shown. */
export function expectedLines(test: Test, { agent, target }: View): number {
  return (agent === undefined ? agentsOf(test) : 1) * (target === undefined ? test.targets.length : 1);
}

/** How many agents run it, or did: a test that has ended is assigned to nobody, but has a verdict of each of its series. */
function agentsOf({ assigned, verdicts, checks, targets }: Test): number {
  if (assigned.length > 0) return assigned.length;
  const series = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  return Math.ceil(series / Math.max(1, checks.length * targets.length));
}
