import type { Test } from '@netsonde/protocol/api';
import type { TimeWindow } from '../../charts/stretch.ts';

/** The user's choice of what to see of a test. Without an agent or a target, all of them. */
export interface Choice {
  readonly lengthMs: number;
  readonly agent: number | undefined;
  readonly target: number | undefined;
}

/** The part of a test that is shown: the user's choice, up to the end of the test's results. */
export interface View extends Pick<Choice, 'agent' | 'target'> {
  readonly stretch: TimeWindow;
}

export const viewOf = ({ lengthMs, agent, target }: Choice, endMs: number | null): View => ({
  stretch: { lengthMs, endMs },
  agent,
  target,
});

const MINUTE_MS = 60_000;

export const WINDOWS = [
  { value: String(5 * MINUTE_MS), label: '5 min' },
  { value: String(15 * MINUTE_MS), label: '15 min' },
  { value: String(60 * MINUTE_MS), label: '1 h' },
  { value: String(6 * 60 * MINUTE_MS), label: '6 h' },
  { value: String(24 * 60 * MINUTE_MS), label: '24 h' },
  { value: String(7 * 24 * 60 * MINUTE_MS), label: '7 d' },
];

/** A page with more lines begins with the first target only. */
const MANY_LINES = 100;

/** The newest result is shown whole, ms. */
const AFTER_NEWEST_MS = 1000;

/**
 * End of the time that an ended test's page shows, epoch ms: the test's end, so that agents that were cut off before it
 * are seen to be silent; just after its newest result where an agent's clock was ahead.
 */
export const resultsEnd = ({ endedAt }: Pick<Test, 'endedAt'>, newestMs: number): number =>
  Math.max(newestMs + AFTER_NEWEST_MS, endedAt === null ? 0 : Date.parse(endedAt));

/**
 * The default part of a page, for a test whose results end at this time (epoch ms) or continue (null).
 * @param newestMs instant of the newest result, which is in the window if any window is long enough
 */
export function firstChoice(test: Test, endMs: number | null, now: number, newestMs: number | null = null): Choice {
  const many = test.assigned.length * test.targets.length > MANY_LINES;
  const silentMs = endMs === null || newestMs === null ? 0 : endMs - newestMs;
  return {
    lengthMs: defaultLengthMs(test, endMs ?? now, silentMs),
    agent: undefined,
    target: many ? test.targets[0]?.id : undefined,
  };
}

/** A window contains at least this many runs of the slowest check: fewer do not make a line. */
const LEAST_RUNS = 30;

/**
 * The window that best fits the test's duration up to then, and wide enough for runs of its slowest check, and for as
 * much time with results as without them at its end.
 */
function defaultLengthMs(test: Test, until: number, silentMs: number): number {
  const wantedMs = Math.max(lifeLengthMs(until - Date.parse(test.startAt)), LEAST_RUNS * slowestMs(test), 2 * silentMs);
  const fitting = WINDOWS.find(({ value }) => Number(value) >= wantedMs) ?? WINDOWS.at(-1);
  return Number(fitting?.value);
}

function lifeLengthMs(age: number): number {
  if (age < 5 * MINUTE_MS) return 5 * MINUTE_MS;
  return age < 60 * MINUTE_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

const slowestMs = ({ interval, checks }: Test): number =>
  Math.max(...(checks.length === 0 ? [interval] : checks.map((check) => check.interval ?? interval))) * 1000;

/** A line for each shown agent and target. */
export function expectedLines(test: Test, { agent, target }: Pick<Choice, 'agent' | 'target'>): number {
  return (agent === undefined ? agentsOf(test) : 1) * (target === undefined ? test.targets.length : 1);
}

/**
 * Number of agents that run it, or did. An ended test is assigned to no agent, but has a verdict for each of its
 * series.
 */
function agentsOf({ assigned, verdicts, checks, targets }: Test): number {
  if (assigned.length > 0) return assigned.length;
  const series = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  return Math.ceil(series / Math.max(1, checks.length * targets.length));
}
