import { epochOrNull } from '../api/instants.ts';
import { type PlannedTest, testState } from './model.ts';
import type { ValidTest } from './test-input.ts';

/** Timing of a test that does not set its own. */
export interface TimingDefaults {
  readonly defaultIntervalMs: number;
  readonly defaultDurationMs: number;
}

/** When and how often a test runs: the columns that an input sets. */
export interface Timing {
  readonly interval_ms: number;
  readonly duration_ms: number | null;
  readonly start_at: number;
  readonly end_at: number | null;
  readonly stopped_at: number | null;
}

/** A new test starts at once, or at a later instant if it names one. */
export function timingOfNew(input: ValidTest, defaults: TimingDefaults, nowMs: number): Timing {
  const start = Math.max(nowMs, epochOrNull(input.startAt) ?? nowMs);
  return timing(
    intervalOf(input, defaults.defaultIntervalMs),
    durationOf(input, defaults.defaultDurationMs),
    start,
    null,
  );
}

/**
 * An edit keeps every field that it leaves out. A start in the future moves the start. null starts a scheduled test at
 * once.
 */
export function timingOfEdit(input: ValidTest, test: PlannedTest, nowMs: number): Timing {
  const wanted = epochOrNull(input.startAt);
  const moved = wanted !== null && wanted > nowMs;
  const atOnce = input.startAt === null && testState(test, nowMs) === 'scheduled';
  return timing(
    intervalOf(input, test.intervalMs),
    durationOf(input, test.durationMs),
    moved ? wanted : atOnce ? nowMs : test.startMs,
    moved ? null : test.stoppedMs,
  );
}

function timing(intervalMs: number, durationMs: number | null, start: number, stopped: number | null): Timing {
  return {
    interval_ms: intervalMs,
    duration_ms: durationMs,
    start_at: start,
    end_at: durationMs === null ? null : start + durationMs,
    stopped_at: stopped,
  };
}

const intervalOf = ({ interval }: ValidTest, otherwiseMs: number): number =>
  interval === undefined ? otherwiseMs : Math.round(interval * 1000);

const durationOf = ({ duration }: ValidTest, otherwiseMs: number | null): number | null => {
  if (duration === undefined) return otherwiseMs;
  return duration === null ? null : Math.round(duration * 1000);
};
