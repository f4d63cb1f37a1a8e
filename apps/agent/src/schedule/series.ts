import type { RunStop } from '@netsonde/probes/runtime';
import type { AssignedCheck, Grid, MissedReason } from '@netsonde/protocol';

/** One check against one target, due at regular instants. */
export interface SeriesPlan {
  readonly check: AssignedCheck;
  readonly target: AssignedCheck['targets'][number];
  readonly grid: Grid;
}

/** Missed runs that wait until the run before them is reported. */
export interface Missed {
  from: number;
  to: number;
  count: number;
  readonly reason: MissedReason;
}

/** A series as the scheduler sees it. Instants are epoch ms. */
export interface ScheduledSeries {
  plan: SeriesPlan;
  /** The next instant; +Infinity after the end. */
  due: number;
  /** When the scheduler checks it: at `due`, or a moment later where it is gathered with others. */
  wake: number;
  /** All instants up to this one are reported or wait in `deferred`. */
  through: number;
  state: 'idle' | 'queued' | 'running';
  /** The instant that is queued or running. */
  at: number;
  /** Cancels the run that is under way. */
  stop: RunStop | null;
  deferred: Missed[];
  removed: boolean;
  /** Index in the heap; -1 outside. */
  place: number;
}

/** Splits missed runs into pieces of at most `most` each. */
export function* piecesOf({ from, to, count, reason }: Missed, intervalMs: number, most: number): Generator<Missed> {
  let [first, left] = [from, count];
  for (; left > most; left -= most, first += most * intervalMs)
    yield { from: first, to: first + (most - 1) * intervalMs, count: most, reason };
  yield { from: first, to, count: left, reason };
}

/** Adds to a list of missed runs. Extends the last entry where the reason is the same. */
export function addMissed(list: Missed[], missed: Missed): void {
  const last = list.at(-1);
  if (last === undefined || last.reason !== missed.reason) {
    list.push({ ...missed });
    return;
  }
  last.to = missed.to;
  last.count += missed.count;
}
