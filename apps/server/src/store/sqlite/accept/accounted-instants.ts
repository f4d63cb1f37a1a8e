import { SeqRanges } from '../intake/seq-ranges.ts';

/** A check and target on an agent, and the interval of the span in question, ms. */
export interface AccountedSeries {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
}

/** An honest agent's instants are nearly one range. Older ranges than these are no longer told apart. */
const MOST_RANGES = 1000;
/** Most series that are known, some 400 bytes each. Beyond it those of the checks known longest are dropped. */
const MOST_SERIES = 500_000;

/** Which planned instants of one series have a result, or are counted as missed. Instants are numbered by interval. */
export class AccountedOfSeries {
  readonly #intervalMs: number;
  readonly #runs = new SeqRanges();
  readonly #missed = new SeqRanges();
  /** Every instant before this one counts as accounted for. */
  #floor = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Notes a run. @returns whether the instant had no run yet. */
  addRun(at: number): boolean {
    if (this.hasRun(at)) return false;
    this.#runs.add(this.#index(at));
    this.#limit(this.#runs);
    return true;
  }

  /** Whether the instant has a run. */
  hasRun(at: number): boolean {
    const index = this.#index(at);
    return index < this.#floor || this.#runs.has(index);
  }

  /**
   * Notes that `count` of the planned runs from one instant to another were missed. If they are fewer than the instants,
   * it is not known at which of them.
   * @returns how many of them were not accounted for yet
   */
  addMissed(fromMs: number, toMs: number, count: number): number {
    const from = Math.max(this.#index(fromMs), this.#floor);
    const last = this.#index(toMs);
    const instants = Math.max(0, last - from + 1);
    const free = Math.max(0, instants - covered(this.#runs, from, last) - covered(this.#missed, from, last));
    const taken = Math.min(count, free);
    if (taken > 0 && count >= instants) {
      this.#missed.add(from, last);
      this.#limit(this.#missed);
    }
    return taken;
  }

  #index(ms: number): number {
    return Math.floor(ms / this.#intervalMs);
  }

  #limit(ranges: SeqRanges): void {
    if (ranges.list.length <= MOST_RANGES) return;
    this.#floor = ranges.list[MOST_RANGES >> 1]?.[0] ?? this.#floor;
    this.#runs.removeBefore(this.#floor);
    this.#missed.removeBefore(this.#floor);
  }
}

/**
 * Which planned instants are accounted for since this process started, by series. So one instant is counted once,
 * however often an agent sends it.
 */
export class AccountedInstants {
  readonly #most: number;
  readonly #byCheck = new Map<number, Map<string, AccountedOfSeries>>();
  #size = 0;

  constructor(most = MOST_SERIES) {
    this.#most = most;
  }

  /** How many series are known. */
  get size(): number {
    return this.#size;
  }

  of({ agent, check, target, intervalMs }: AccountedSeries): AccountedOfSeries {
    let ofCheck = this.#byCheck.get(check);
    const key = `${agent}/${target}/${intervalMs}`;
    let known = ofCheck?.get(key);
    if (known !== undefined) return known;
    if (this.#size >= this.#most) this.#dropOldest();
    ofCheck = this.#byCheck.get(check) ?? new Map<string, AccountedOfSeries>();
    this.#byCheck.set(check, ofCheck);
    known = new AccountedOfSeries(intervalMs);
    ofCheck.set(key, known);
    this.#size += 1;
    return known;
  }

  /** The check is deleted with all its results. */
  dropCheck(check: number): void {
    this.#size -= this.#byCheck.get(check)?.size ?? 0;
    this.#byCheck.delete(check);
  }

  /** What is known may no longer be stored. */
  clear(): void {
    this.#byCheck.clear();
    this.#size = 0;
  }

  /** Drops a tenth of all series, from the checks known longest. */
  #dropOldest(): void {
    for (const [check, ofCheck] of this.#byCheck) {
      for (const key of ofCheck.keys()) {
        if (this.#size <= this.#most * 0.9) return;
        ofCheck.delete(key);
        this.#size -= 1;
      }
      this.#byCheck.delete(check);
    }
  }
}

const covered = (ranges: SeqRanges, from: number, to: number): number =>
  ranges.within(from, to).reduce((sum, [first, last]) => sum + last - first + 1, 0);
