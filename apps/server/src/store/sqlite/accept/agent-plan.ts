import { countInstants, type Grid, nextInstant, phaseMs } from '@netsonde/protocol/schedule-grid';

/** One row of the plan: an agent runs this check against this target from `fromMs` until before `toMs` (null: open). */
export interface PlanSpan {
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** Instants of one span: how many, the first and the last, epoch ms. */
export interface PlannedRange {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The planned instants in a window, with the grid of their span. */
export type SpanRange = PlannedRange & SpanGrid;

/** The instants of a span, ms. */
export type SpanGrid = Pick<Grid, 'intervalMs' | 'phaseMs'>;

const NO_GRIDS: readonly Grid[] = [];

/** Everything that the plan ever gave to one agent, by check and target. */
export class AgentPlan {
  readonly #grids = new Map<number, Map<number, Grid[]>>();
  /** How many spans it holds. */
  readonly size: number;

  constructor(agent: number, spans: readonly PlanSpan[]) {
    this.size = spans.length;
    for (const { check, target, intervalMs, fromMs, toMs } of spans) {
      const phase = phaseMs(agent, check, target, intervalMs);
      const grid = { intervalMs, phaseMs: phase, startMs: fromMs, endMs: toMs };
      const byTarget = this.#grids.get(check) ?? new Map<number, Grid[]>();
      this.#grids.set(check, byTarget);
      const grids = byTarget.get(target);
      if (grids === undefined) byTarget.set(target, [grid]);
      else grids.push(grid);
    }
  }

  /**
   * The span that has a run of this check and target at `at`. If there is none: `ended`, or `no`.
   * @param earlyMs how far `at` may lie before a span's start
   */
  spanAt(check: number, target: number, at: number, earlyMs = 0): SpanGrid | 'ended' | 'no' {
    let found: 'ended' | 'no' = 'no';
    for (const grid of this.#of(check, target)) {
      const { intervalMs, phaseMs: phase, startMs, endMs } = grid;
      if ((at - phase) % intervalMs !== 0 || at < startMs - earlyMs) continue;
      if (endMs === null || at < endMs) return grid;
      found = 'ended';
    }
    return found;
  }

  /** The planned instants in [from, to], per span, oldest first. */
  within(check: number, target: number, from: number, to: number): readonly SpanRange[] {
    const found: SpanRange[] = [];
    for (const grid of this.#of(check, target)) {
      const count = countInstants(grid, from, to + 1);
      const first = count === 0 ? null : nextInstant(grid, from);
      if (first === null) continue;
      const { intervalMs, phaseMs: phase } = grid;
      found.push({ from: first, to: first + (count - 1) * intervalMs, count, intervalMs, phaseMs: phase });
    }
    return found.sort((a, b) => a.from - b.from);
  }

  /** Whether a span of this check and target ended before `at`. */
  endedBefore(check: number, target: number, at: number): boolean {
    return this.#of(check, target).some(({ endMs }) => endMs !== null && endMs <= at);
  }

  /** How many instants of this check and target the plan has up to `untilMs`. */
  instantsOf(check: number, target: number, untilMs: number): number {
    return this.#of(check, target).reduce((sum, grid) => sum + countInstants(grid, 0, untilMs + 1), 0);
  }

  /** How many instants the plan has for this agent up to `untilMs`. */
  instantsUntil(untilMs: number): number {
    let sum = 0;
    for (const byTarget of this.#grids.values())
      for (const grids of byTarget.values()) for (const grid of grids) sum += countInstants(grid, 0, untilMs + 1);
    return sum;
  }

  #of(check: number, target: number): readonly Grid[] {
    return this.#grids.get(check)?.get(target) ?? NO_GRIDS;
  }
}
