import { TAIL_MS } from '../plan/span.ts';
import { dutyEnd, type PlannedTest } from './model.ts';

/** The next instant after now at which time alone changes what is due of a test: its start, its end, its tail's end. null: none. */
export function nextBoundary(test: PlannedTest, nowMs: number): number | null {
  const end = dutyEnd(test);
  const instants = [test.startMs, ...(end === null ? [] : [end, end + TAIL_MS])].filter((instant) => instant > nowMs);
  return instants.length === 0 ? null : Math.min(...instants);
}
