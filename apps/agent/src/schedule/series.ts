import type { RunStop } from '@netsonde/probes/runtime';
import type { AssignedCheck, Grid, MissedReason } from '@netsonde/protocol';

/** One check against one target: what is due again and again. */
export interface SeriesPlan {
  readonly check: AssignedCheck;
  readonly target: AssignedCheck['targets'][number];
  readonly grid: Grid;
}

/** Scheduled runs that are not made, waiting for the run before them to be told first. */
export interface Missed {
  from: number;
  to: number;
  count: number;
  readonly reason: MissedReason;
}

/** A series as the schedule sees it. Instants are epoch ms. */
export interface Series {
  plan: SeriesPlan;
  /** The next instant; +Infinity after the end. */
  due: number;
  /** When the schedule looks at it: at `due`, or a moment later where it is gathered with others. */
  wake: number;
  /** All instants up to this one are told or waiting in `deferred`. */
  through: number;
  state: 'idle' | 'queued' | 'running';
  /** The instant that is queued or running. */
  at: number;
  /** Cancels the run that is under way. */
  stop: RunStop | null;
  deferred: Missed[];
  removed: boolean;
  /** Place in the heap; -1 outside. */
  place: number;
}

/** Adds to a list of missed runs, widening the last entry where the reason is the same. */
export function addMissed(list: Missed[], missed: Missed): void {
  const last = list.at(-1);
  if (last === undefined || last.reason !== missed.reason) {
    list.push({ ...missed });
    return;
  }
  last.to = missed.to;
  last.count += missed.count;
}
