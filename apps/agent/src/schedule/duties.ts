import { type AssignedCheck, countInstants, type Grid, nextInstant, phaseMs } from '@netsonde/protocol';
import { instantBefore } from '../clock/dated.ts';
import type { Scheduler } from './scheduler.ts';
import type { Missed, ScheduledSeries, SeriesPlan } from './series.ts';

/** The instant up to which each (check, target) is accounted for; undefined where nothing is known. */
export type Through = (check: number, target: number) => number | undefined;

/** When an agent's process was alive, epoch ms. */
export interface Life {
  readonly startedMs: number;
  /** When its previous process was last alive. null: there was none. */
  readonly lastAliveMs: number | null;
}

/** Whether a series was never known, was known by an earlier process, or was removed by this one. */
type Kind = 'new' | 'kept' | 'again';

interface Unanchored {
  readonly through: number | undefined;
  readonly kind: Kind;
  readonly addedMs: number;
}

/** The instants of one series of an agent, as a grid. */
export function gridOf(agentId: number, check: AssignedCheck, target: number): Grid {
  const { intervalMs, startMs, endMs } = check;
  return { intervalMs, phaseMs: phaseMs(agentId, check.check, target, intervalMs), startMs, endMs };
}

/** Keeps the schedule's series in step with the assignment. */
export class Duties {
  readonly #scheduler: Scheduler;
  readonly #through: Through;
  readonly #clock: { readonly isAnchored: boolean; wallMs(): number };
  #life: Life;
  #series = new Map<string, ScheduledSeries>();
  /** Series that were added by a clock that was not anchored, with the instant up to which they were accounted for before. */
  readonly #unanchored = new Map<ScheduledSeries, Unanchored>();
  /** The instants up to which removed series are accounted for, in case they are added again. */
  readonly #left = new Map<string, number>();

  constructor(
    scheduler: Scheduler,
    clock: { readonly isAnchored: boolean; wallMs(): number },
    through: Through,
    life: Life,
  ) {
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#through = through;
    this.#life = life;
  }

  get size(): number {
    return this.#series.size;
  }

  /** Adds new series, changes changed ones, cancels removed ones. */
  set(agentId: number, checks: readonly AssignedCheck[], nowMs: number): void {
    this.#scheduler.catchUp();
    const next = new Map<string, ScheduledSeries>();
    const plans = plansOf(agentId, checks);
    for (const [key, series] of this.#series) if (!plans.has(key)) this.#leave(key, series, nowMs);
    for (const [key, plan] of plans) next.set(key, this.#place(key, plan));
    this.#series = next;
    this.#scheduler.arm();
  }

  #place(key: string, plan: SeriesPlan): ScheduledSeries {
    const known = this.#series.get(key);
    if (known !== undefined) {
      this.#scheduler.change(known, plan, (from, to) => this.#gap(plan.grid, from, to, 'new'));
      return known;
    }
    const left = this.#left.get(key);
    const reported = left ?? this.#through(plan.check.check, plan.target.target);
    const kind = reported === undefined ? 'new' : left === undefined ? 'kept' : 'again';
    if (!this.#clock.isAnchored) {
      // Which instants were due before is not known until the clock is.
      const series = this.#scheduler.add(plan, 0, () => []);
      this.#unanchored.set(series, { through: reported, kind, addedMs: this.#clock.wallMs() });
      return series;
    }
    return this.#scheduler.add(plan, reported ?? 0, (from, to) => this.#gap(plan.grid, from, to, kind));
  }

  /** The clock is anchored, and moved by this much. Accounts for the instants that were due before. */
  anchored(byMs: number): void {
    this.#life = { ...this.#life, startedMs: this.#life.startedMs + byMs };
    this.redated(byMs);
    for (const [series, { through, kind, addedMs }] of this.#unanchored) {
      const { grid } = series.plan;
      // A series that has run begins where its first instant is now. One that has not begins now.
      const first = nextInstant({ ...grid, startMs: 0, endMs: null }, addedMs) ?? addedMs;
      const hasBegun = byMs === 0 || series.through > 0;
      const to = hasBegun ? instantBefore(grid, first + byMs) : this.#clock.wallMs();
      const from = Math.max(grid.startMs, (through ?? 0) + 1);
      if (from < to) this.#scheduler.account(series, this.#gap(grid, from, to, kind));
      if (through !== undefined) series.through = Math.max(series.through, through);
    }
    this.#unanchored.clear();
  }

  /** The clock moved by this much, and so did all instants that were reported. */
  redated(byMs: number): void {
    if (byMs !== 0) this.#scheduler.redate(({ plan }, at) => instantBefore(plan.grid, at + byMs));
  }

  #leave(key: string, series: ScheduledSeries, nowMs: number): void {
    this.#scheduler.remove(series);
    this.#unanchored.delete(series);
    this.#left.set(key, Math.max(series.through, nowMs));
    if (this.#left.size > 100_000) this.#left.delete(this.#left.keys().next().value ?? '');
  }

  /** Instants that were due while the agent was off, or before it knew of the check. */
  #gap(grid: Grid, from: number, to: number, kind: Kind): readonly Missed[] {
    const within = (ms: number) => Math.min(Math.max(ms, from), to);
    const startedMs = within(this.#life.startedMs);
    const { lastAliveMs } = this.#life;
    const offMs = lastAliveMs === null ? from : Math.min(within(lastAliveMs + 1), startedMs);
    return [
      missedOf(grid, from, offMs, kind === 'new' ? 'not_assigned_yet' : 'killed_mid_run'),
      missedOf(grid, offMs, startedMs, 'agent_off'),
      // A process that has just started is not at work at once.
      missedOf(grid, startedMs, to, kind === 'kept' ? 'agent_off' : 'not_assigned_yet'),
    ].filter((one) => one !== null);
  }
}

function plansOf(agentId: number, checks: readonly AssignedCheck[]): Map<string, SeriesPlan> {
  const plans = new Map<string, SeriesPlan>();
  for (const check of checks)
    for (const target of check.targets)
      plans.set(`${check.check}/${target.target}`, { check, target, grid: gridOf(agentId, check, target.target) });
  return plans;
}

/** The instants of [from, to) as one missed stretch; null where there is none. */
function missedOf(grid: Grid, from: number, to: number, reason: Missed['reason']): Missed | null {
  const count = countInstants(grid, from, to);
  const first = nextInstant(grid, from);
  if (count === 0 || first === null) return null;
  return { from: first, to: first + (count - 1) * grid.intervalMs, count, reason };
}
