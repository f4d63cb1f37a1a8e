import { RunStop } from '@netsonde/probes/runtime';
import { countInstants, type Grid, type MissedReason, nextInstant } from '@netsonde/protocol';
import { addMissed, type Missed, type ScheduledSeries, type SeriesPlan } from './series.ts';
import { SeriesHeap } from './series-heap.ts';
import { type ClockChange, type ScheduleClock, WallWatch } from './wall-watch.ts';

/** A run that begins. */
export interface StartedRun {
  /** Scheduled instant, epoch ms. */
  readonly at: number;
  /** The wall clock went back: this instant was reported before. */
  readonly repeated: boolean;
  /** Cancels this run only. */
  readonly stop: RunStop;
}

/** How the scheduler acts on the rest of the agent. */
export interface ScheduleParts {
  readonly clock: ScheduleClock;
  /** Calls back after `ms`; one timer at a time. */
  readonly timer: { set(ms: number, fire: () => void): void; clear(): void };
  /** Makes one run and writes its record. Must resolve in any case; false: it was cancelled and wrote no record. */
  run(series: ScheduledSeries, run: StartedRun): Promise<boolean>;
  /** Reports scheduled runs that are not made. */
  missed(series: ScheduledSeries, missed: Missed): void;
  /** Whether runs of this series may begin a moment late: only where that does not affect their figures. */
  gathered(series: ScheduledSeries): boolean;
  readonly maxRunning: number;
}

/**
 * Gathered series begin together at the end of a stretch of this length, ms. Waking the process for one small check
 * costs more than the check, and checks made in a row cost half of what they cost apart.
 */
const GATHER_MS = 50;
/** The clocks are checked at least this often, so that a step is noticed, ms. */
const MAX_WAIT_MS = 1000;
/** A run that would begin later than this after its instant is missed, ms; at most one interval. */
const MAX_LATE_MS = 1000;
/** After a jump only instants of the last moment run, so that not all series run at once, ms. */
const MAX_LATE_AFTER_JUMP_MS = 50;

/**
 * Decides when each series runs. One timer, one heap. Each instant of a series is reported exactly once, in order: as
 * a run, or as missed with the reason. Instants that occur again because the wall clock went back are run as
 * `repeated`.
 */
export class Scheduler {
  readonly #parts: ScheduleParts;
  readonly #watch: WallWatch;
  readonly #heap = new SeriesHeap();
  readonly #all = new Set<ScheduledSeries>();
  readonly #queue = new Set<ScheduledSeries>();
  /** Offset of this process's stretches, so that the agents of a fleet do not all begin at the same instant, ms. */
  readonly #gatherPhaseMs: number;
  #running = 0;
  #stopped = false;
  #idle: (() => void) | null = null;
  #stopping: Promise<void> | null = null;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    this.#watch = new WallWatch(parts.clock);
    this.#gatherPhaseMs = Math.floor(parts.clock.monotonicMs()) % GATHER_MS;
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Adds a series whose instants up to `through` are reported already. Instants between then and now are reported by
   * `gap`.
   */
  add(plan: SeriesPlan, through: number, gap: (from: number, to: number) => readonly Missed[]): ScheduledSeries {
    const now = this.#parts.clock.wallMs();
    const series: ScheduledSeries = {
      plan,
      due: 0,
      wake: 0,
      through,
      state: 'idle',
      at: 0,
      stop: null,
      deferred: [],
      removed: false,
      place: -1,
    };
    this.#all.add(series);
    const first = nextInstant(plan.grid, through + 1);
    if (first !== null && first < now) for (const missed of gap(first, now)) this.#report(series, missed);
    this.#plan(series, now);
    return series;
  }

  /**
   * Replaces a series' plan. A run that is under way keeps its old plan. Where the instants stay the same, the
   * schedule does not change. Otherwise, what is due already begins first, and instants of the new plan that were due
   * before now are reported by `gap`.
   */
  change(series: ScheduledSeries, plan: SeriesPlan, gap: (from: number, to: number) => readonly Missed[]): void {
    const now = this.#parts.clock.wallMs();
    const old = series.plan.grid;
    const same = sameGrid(old, plan.grid);
    if (!same && series.place >= 0 && series.due <= now) this.#due(series, { nowMs: now, steppedMs: 0, wasOff: false });
    series.plan = plan;
    if (same) return;
    this.#heap.remove(series);
    if (this.#queue.delete(series)) this.#skipQueued(series);
    const first = nextInstant(plan.grid, hasInstantsOf(old, plan.grid) ? series.through + 1 : 0);
    if (first !== null && first < now) for (const missed of gap(first, now)) this.#report(series, missed);
    this.#plan(series, now);
  }

  /**
   * Removes a series. Its due instants and its run are reported as cancelled, except where the series had ended
   * anyway.
   */
  remove(series: ScheduledSeries): void {
    const { endMs } = series.plan.grid;
    const now = this.#parts.clock.wallMs();
    this.#leave(series, now);
    if (endMs === null || endMs > now) series.stop?.abort();
  }

  /** Removes a series; a run that is under way ends normally. */
  #leave(series: ScheduledSeries, now: number): void {
    series.removed = true;
    if (series.place >= 0 && series.due <= now) this.#skip(series, series.due, latestOf(series, now), 'cancelled');
    this.#heap.remove(series);
    if (this.#queue.delete(series)) this.#cancelled(series);
    if (series.state !== 'running') this.#all.delete(series);
  }

  /**
   * The clock moved by this much when it was anchored. What was reported at instants of the wrong time was reported at those
   * that take their place. `placed`: the instant that takes another one's place.
   */
  redate(placed: (series: ScheduledSeries, at: number) => number): void {
    this.#watch.read();
    const now = this.#parts.clock.wallMs();
    for (const series of this.#all) {
      const hasReported = series.through > 0;
      if (hasReported) series.through = placed(series, series.through);
      if (series.state === 'queued') series.at = placed(series, series.at);
      for (const missed of series.deferred) {
        const { from } = missed;
        missed.from = placed(series, from);
        missed.to += missed.from - from;
      }
      if (series.removed) continue;
      this.#heap.remove(series);
      // The instants moved by no whole interval: one may have passed.
      if (hasReported && series.state !== 'queued') this.#skipUntil(series, now);
      this.#plan(series, now);
    }
    this.arm();
  }

  /** Reports missed runs of a series from before the instants that it reported itself. */
  account(series: ScheduledSeries, missed: readonly Missed[]): void {
    for (const one of missed) this.#report(series, one);
  }

  /** Begins what is due by now, and accounts for instants that the clocks have skipped. Call it before changes. */
  catchUp(): void {
    const change = this.#watch.read();
    if (change.steppedMs < 0) this.#wentBack(change.nowMs);
    for (let top = this.#heap.top; top !== undefined && top.wake <= change.nowMs; top = this.#heap.top)
      this.#due(top, change);
  }

  /** Arms the timer after adds, changes and removals. */
  arm(): void {
    if (this.#stopped) return;
    const next = this.#heap.top?.wake ?? Number.POSITIVE_INFINITY;
    const wait = Math.ceil(next - this.#parts.clock.wallMs());
    this.#parts.timer.set(Math.max(1, Math.min(wait, MAX_WAIT_MS)), () => this.#tick());
  }

  /** Cancels all runs; resolves once each is reported. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#stopped = true;
    this.#parts.timer.clear();
    const now = this.#parts.clock.wallMs();
    for (const series of [...this.#all]) {
      this.#leave(series, now);
      series.stop?.abort();
    }
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #plan(series: ScheduledSeries, now: number): void {
    const next = nextInstant(series.plan.grid, Math.max(now, series.through + 1));
    const soon = soonest(series, now);
    const due = next !== null && next - now <= series.plan.grid.intervalMs * 2 ? next : soon;
    if (next === null && soon === null) return;
    this.#dueAt(series, due ?? Number.POSITIVE_INFINITY);
    this.#heap.push(series);
  }

  #tick(): void {
    this.catchUp();
    this.arm();
  }

  /** After a step back nothing may wait until the clock reaches the old time again. */
  #wentBack(now: number): void {
    for (const series of this.#heap) {
      const soon = soonest(series, now);
      if (soon !== null && soon < series.due) this.#dueAt(series, soon);
    }
    this.#heap.rebuild();
  }

  #due(series: ScheduledSeries, change: ClockChange): void {
    const { grid } = series.plan;
    this.#heap.remove(series);
    const now = change.nowMs;
    const end = grid.endMs ?? Number.POSITIVE_INFINITY;
    const latest = latestOf(series, now);
    const jumped = change.steppedMs !== 0 || change.wasOff;
    const inTime = now - latest <= Math.min(jumped ? MAX_LATE_AFTER_JUMP_MS : MAX_LATE_MS, grid.intervalMs);
    const lastSkipped = inTime ? latest - grid.intervalMs : latest;
    if (lastSkipped >= series.due) this.#skip(series, series.due, lastSkipped, reasonOf(change));
    if (inTime) this.#begin(series, latest);
    this.#dueAt(series, latest + grid.intervalMs);
    if (series.due < end) this.#heap.push(series);
  }

  #dueAt(series: ScheduledSeries, due: number): void {
    series.due = due;
    series.wake = this.#parts.gathered(series) ? nextStretch(due, this.#gatherPhaseMs) : due;
  }

  #begin(series: ScheduledSeries, at: number): void {
    if (series.state === 'running') {
      this.#skip(series, at, at, 'overlap');
      return;
    }
    if (series.state === 'queued') this.#skipQueued(series);
    series.at = at;
    if (this.#running < this.#parts.maxRunning) {
      this.#start(series);
      return;
    }
    series.state = 'queued';
    this.#queue.add(series);
  }

  #start(series: ScheduledSeries): void {
    const { at } = series;
    const repeated = at <= series.through;
    series.through = Math.max(series.through, at);
    series.state = 'running';
    this.#running += 1;
    const stop = new RunStop();
    series.stop = stop;
    this.#parts.run(series, { at, repeated, stop }).then(
      (reported) => this.#ended(series, reported || repeated),
      () => this.#ended(series, false),
    );
  }

  #ended(series: ScheduledSeries, reported: boolean): void {
    this.#running -= 1;
    series.state = 'idle';
    series.stop = null;
    if (!reported) this.#report(series, { from: series.at, to: series.at, count: 1, reason: 'cancelled' });
    for (const missed of series.deferred.splice(0)) this.#parts.missed(series, missed);
    if (series.removed) this.#all.delete(series);
    if (this.#running === 0) this.#idle?.();
    if (!this.#stopped) this.#startQueued();
  }

  #startQueued(): void {
    for (const series of this.#queue) {
      if (this.#running >= this.#parts.maxRunning) return;
      this.#queue.delete(series);
      this.#start(series);
    }
  }

  /** The next instant replaces the one that waited for a free slot. The series keeps its position in the queue. */
  #skipQueued(series: ScheduledSeries): void {
    const { at } = series;
    series.state = 'idle';
    this.#skip(series, at, at, 'slot_busy');
  }

  #cancelled(series: ScheduledSeries): void {
    series.state = 'idle';
    this.#skip(series, series.at, series.at, 'cancelled');
  }

  /** Accounts for instants from `from` to `to` (both on the grid) that are not reported yet. */
  #skip(series: ScheduledSeries, from: number, to: number, reason: MissedReason): void {
    if (series.state === 'queued') this.#settleQueue(series, to);
    const first = from > series.through ? from : nextInstant(series.plan.grid, series.through + 1);
    if (first === null || first > to) return;
    this.#report(series, { from: first, to, count: countInstants(series.plan.grid, first, to + 1), reason });
  }

  /** Accounts for the instants before `now` that are not reported yet. */
  #skipUntil(series: ScheduledSeries, now: number): void {
    const { grid } = series.plan;
    const first = nextInstant(grid, series.through + 1);
    if (first === null || first >= now) return;
    const count = countInstants(grid, first, now);
    this.#report(series, { from: first, to: first + (count - 1) * grid.intervalMs, count, reason: 'clock_stepped' });
  }

  #settleQueue(series: ScheduledSeries, to: number): void {
    if (series.at >= to) return;
    this.#queue.delete(series);
    this.#skipQueued(series);
  }

  #report(series: ScheduledSeries, missed: Missed): void {
    series.through = Math.max(series.through, missed.to);
    if (series.state === 'running') addMissed(series.deferred, missed);
    else this.#parts.missed(series, missed);
  }
}

/** The last instant until now of a series that is due. */
function latestOf({ due, plan: { grid } }: ScheduledSeries, now: number): number {
  const last = Math.min(now, (grid.endMs ?? Number.POSITIVE_INFINITY) - 1);
  return due + Math.floor((last - due) / grid.intervalMs) * grid.intervalMs;
}

const sameGrid = (a: Grid, b: Grid): boolean =>
  a.intervalMs === b.intervalMs && a.phaseMs === b.phaseMs && a.startMs === b.startMs && a.endMs === b.endMs;

/** Whether a series that was scheduled by `old` has reported the instants of `grid` until now. */
const hasInstantsOf = (old: Grid, grid: Grid): boolean =>
  old.intervalMs === grid.intervalMs && old.phaseMs === grid.phaseMs;

/** The first end of a stretch at or after `due`. */
const nextStretch = (due: number, phase: number): number => Math.ceil((due - phase) / GATHER_MS) * GATHER_MS + phase;

/**
 * The next instant from now on. A series that has begun continues even where the clock went back to before its
 * beginning.
 */
function soonest({ plan: { grid }, through }: ScheduledSeries, now: number): number | null {
  return nextInstant(through >= grid.startMs ? { ...grid, startMs: 0 } : grid, now);
}

function reasonOf({ steppedMs, wasOff }: ClockChange): MissedReason {
  if (steppedMs > 0) return 'clock_stepped';
  return wasOff ? 'agent_off' : 'late';
}
