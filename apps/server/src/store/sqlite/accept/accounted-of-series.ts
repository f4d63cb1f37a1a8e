import { SeqRanges } from '../intake/seq-ranges.ts';
import type { PlannedRange } from './agent-plan.ts';

/** A check and target on an agent, and the grid of the span in question, ms. */
export interface AccountedSeries {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
  readonly phaseMs: number;
}

/** What the store has of one series. Instants are epoch ms. */
export interface StoredAccount {
  /** Results: so many between two instants, none of which repeats an instant. */
  readonly runs: readonly PlannedRange[];
  /** Runs that were missed, dropped or refused. */
  readonly lost: readonly PlannedRange[];
}

/** Reads what is stored of a series between two instants, epoch ms: [fromMs, toMs). */
export type ReadStored = (series: AccountedSeries, fromMs: number, toMs: number) => StoredAccount;

/** `free`: the instant is not accounted for. `lost`: it counts as missed, dropped or refused. */
export type InstantState = 'free' | 'run' | 'lost';

/** Lost runs that are fewer than the instants between the first and the last. */
interface Partial {
  readonly from: number;
  readonly to: number;
  count: number;
}

const NEVER = Number.POSITIVE_INFINITY;
/** An honest agent's instants are nearly one range. Older ranges than these are no longer distinguished. */
const MOST_RANGES = 1000;
/** Stored results before the first record of this process are read at most this far ahead of need, ms. */
const MOST_AHEAD_MS = 6 * 3_600_000;
/** Stretches of missed runs that one record becomes at most. The rest of it is one stretch with a count. */
const MOST_PIECES = 16;

/**
 * Which planned instants of one series have a result, or count as missed, dropped or refused. What was stored before this
 * process is read when a record first needs it. Instants are numbered by interval.
 */
export class AccountedOfSeries {
  readonly #series: AccountedSeries;
  readonly #read: ReadStored;
  readonly #runs = new SeqRanges();
  readonly #lost = new SeqRanges();
  #partial: Partial[] = [];
  /** Every instant before this one counts as accounted for. */
  #floor = 0;
  /** From this instant on everything stored is known, epoch ms. */
  #knownFromMs = NEVER;

  constructor(series: AccountedSeries, read: ReadStored) {
    this.#series = series;
    this.#read = read;
  }

  get intervalMs(): number {
    return this.#series.intervalMs;
  }

  stateOf(at: number): InstantState {
    this.#know(at);
    const index = this.#index(at);
    if (index < this.#floor || this.#runs.has(index)) return 'run';
    if (this.#lost.has(index)) return 'lost';
    return this.#partial.some((one) => this.#isFullAround(one, index)) ? 'lost' : 'free';
  }

  /** Notes a run. An instant that counted as lost has a run now. */
  addRun(at: number): void {
    this.#know(at);
    const index = this.#index(at);
    if (this.#lost.has(index)) this.#lost.remove(index);
    else if (this.#partial.length > 0) this.#takeFromFull(index);
    this.#runs.add(index);
    this.#limit(this.#runs);
  }

  /** Where as many are lost as there are instants left, a run was not lost after all. */
  #takeFromFull(index: number): void {
    const full = this.#partial.find((one) => this.#isFullAround(one, index));
    if (full === undefined) return;
    full.count -= 1;
    if (full.count === 0) this.#partial = this.#partial.filter((one) => one !== full);
  }

  #isFullAround({ from, to }: Partial, index: number): boolean {
    return from <= index && index <= to && this.#free(from, to) <= 0;
  }

  /**
   * Notes that `count` of the planned runs from one instant to another were lost. If they are fewer than the instants, it
   * is not known which.
   * @returns those that were not accounted for yet
   */
  addLost(fromMs: number, toMs: number, count: number): readonly PlannedRange[] {
    this.#know(fromMs);
    const from = Math.max(this.#index(fromMs), this.#floor);
    const to = this.#index(toMs);
    if (from > to) return [];
    const taken = Math.min(count, this.#freeAround(from, to));
    if (taken <= 0) return [];
    const free = taken < to - from + 1 ? this.#gaps(from, to) : [[from, to] as const];
    const isExact = free.reduce((sum, [first, last]) => sum + last - first + 1, 0) === taken;
    if (isExact && free.length <= MOST_PIECES) for (const [first, last] of free) this.#lost.add(first, last);
    else this.#partial.push({ from, to, count: taken });
    this.#limit(this.#lost);
    if (!isExact || free.length > MOST_PIECES) return [this.#range(from, to, taken)];
    return free.map(([first, last]) => this.#range(first, last, last - first + 1));
  }

  /** Reads what is stored from an instant on. Each read reaches further back than the one before, so that they are few. */
  #know(fromMs: number): void {
    const untilMs = this.#knownFromMs;
    if (fromMs >= untilMs) return;
    const start = untilMs === NEVER ? fromMs : Math.max(0, fromMs - Math.min(MOST_AHEAD_MS, untilMs - fromMs));
    this.#knownFromMs = start;
    const { runs, lost } = this.#read(this.#series, start, untilMs);
    for (const { from, to } of runs) this.#runs.add(this.#index(from), this.#index(to));
    for (const { from, to, count } of lost) this.#addStoredLoss(this.#index(from), this.#index(to), count);
    for (const { from } of [...this.#partial]) this.#know(this.#ms(from));
  }

  #addStoredLoss(from: number, to: number, count: number): void {
    if (count >= to - from + 1) this.#lost.add(from, to);
    else this.#partial.push({ from, to, count });
  }

  /** How many of the instants are not accounted for, also where stretches that reach beyond them are full. */
  #freeAround(from: number, to: number): number {
    let free = this.#free(from, to);
    for (const one of this.#partial)
      if (one.from <= to && one.to >= from)
        free = Math.min(free, this.#free(Math.min(from, one.from), Math.max(to, one.to)));
    return free;
  }

  #free(from: number, to: number): number {
    const partial = this.#partial.filter((one) => one.from >= from && one.to <= to);
    return (
      to -
      from +
      1 -
      covered(this.#runs, from, to) -
      covered(this.#lost, from, to) -
      partial.reduce((sum, { count }) => sum + count, 0)
    );
  }

  /** The stretches in between that have neither runs nor lost ones, nor as many lost ones as there is room for. */
  #gaps(from: number, to: number): readonly (readonly [number, number])[] {
    const taken = new SeqRanges();
    for (const ranges of [this.#runs, this.#lost])
      for (const [first, last] of ranges.within(from, to)) taken.add(first, last);
    for (const one of this.#partial)
      if (one.from <= to && one.to >= from && this.#free(one.from, one.to) <= 0)
        taken.add(Math.max(from, one.from), Math.min(to, one.to));
    const gaps: [number, number][] = [];
    let next = from;
    for (const [first, last] of taken.list) {
      if (first > next) gaps.push([next, first - 1]);
      next = last + 1;
    }
    if (next <= to) gaps.push([next, to]);
    return gaps;
  }

  #index(ms: number): number {
    return Math.floor(ms / this.#series.intervalMs);
  }

  #ms(index: number): number {
    return index * this.#series.intervalMs + this.#series.phaseMs;
  }

  #range = (from: number, to: number, count: number): PlannedRange => ({
    from: this.#ms(from),
    to: this.#ms(to),
    count,
  });

  #limit(ranges: SeqRanges): void {
    if (ranges.list.length <= MOST_RANGES) return;
    this.#floor = ranges.list[MOST_RANGES >> 1]?.[0] ?? this.#floor;
    this.#runs.removeBefore(this.#floor);
    this.#lost.removeBefore(this.#floor);
    this.#partial = this.#partial.filter(({ from }) => from >= this.#floor);
  }
}

const covered = (ranges: SeqRanges, from: number, to: number): number =>
  ranges.within(from, to).reduce((sum, [first, last]) => sum + last - first + 1, 0);
