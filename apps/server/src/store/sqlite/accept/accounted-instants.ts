import { SeqRanges } from '../intake/seq-ranges.ts';

/** A check and target on an agent, and the interval of the span in question, ms. */
export interface AccountedSeries {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
}

interface Accounted {
  readonly runs: SeqRanges;
  readonly missed: SeqRanges;
  /** Every instant before this one counts as accounted for. Instants are numbered by interval since the epoch. */
  floor: number;
}

/** An honest agent's instants are nearly one range. Older ranges than these are no longer told apart. */
const MOST_RANGES = 1000;

/**
 * Which planned instants have a result, or are counted as missed, since this process started. So one instant is counted
 * once, however often an agent sends it.
 */
export class AccountedInstants {
  readonly #known = new Map<string, Accounted>();

  /** Notes a run. @returns whether the instant had no run yet. */
  addRun(series: AccountedSeries, at: number): boolean {
    const known = this.#of(series);
    const index = Math.floor(at / series.intervalMs);
    if (index < known.floor || known.runs.has(index)) return false;
    known.runs.add(index);
    this.#limit(known, known.runs);
    return true;
  }

  /** Whether the instant has a run. */
  hasRun(series: AccountedSeries, at: number): boolean {
    const known = this.#of(series);
    const index = Math.floor(at / series.intervalMs);
    return index < known.floor || known.runs.has(index);
  }

  /**
   * Notes that `count` of the planned runs from one instant to another were missed. If they are fewer than the instants,
   * it is not known at which of them.
   * @returns how many of them were not accounted for yet
   */
  addMissed(series: AccountedSeries, fromMs: number, toMs: number, count: number): number {
    const known = this.#of(series);
    const from = Math.max(Math.floor(fromMs / series.intervalMs), known.floor);
    const last = Math.floor(toMs / series.intervalMs);
    const instants = Math.max(0, last - from + 1);
    const free = Math.max(0, instants - covered(known.runs, from, last) - covered(known.missed, from, last));
    const taken = Math.min(count, free);
    if (taken > 0 && count >= instants) {
      known.missed.add(from, last);
      this.#limit(known, known.missed);
    }
    return taken;
  }

  /** What is known may no longer be stored. */
  clear(): void {
    this.#known.clear();
  }

  #of({ agent, check, target, intervalMs }: AccountedSeries): Accounted {
    const key = `${agent}/${check}/${target}/${intervalMs}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { runs: new SeqRanges(), missed: new SeqRanges(), floor: 0 };
      this.#known.set(key, known);
    }
    return known;
  }

  #limit(known: Accounted, ranges: SeqRanges): void {
    if (ranges.list.length <= MOST_RANGES) return;
    known.floor = ranges.list[MOST_RANGES >> 1]?.[0] ?? known.floor;
    known.runs.removeBefore(known.floor);
    known.missed.removeBefore(known.floor);
  }
}

const covered = (ranges: SeqRanges, from: number, to: number): number =>
  ranges.within(from, to).reduce((sum, [first, last]) => sum + last - first + 1, 0);
