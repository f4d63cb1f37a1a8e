import { AccountedOfSeries, type AccountedSeries, type ReadStored } from './accounted-of-series.ts';

/** Most series that are known, some 400 bytes each. Beyond it those of the checks known longest are dropped. */
const MOST_SERIES = 500_000;

/** The stored results and losses, as a process reads them to continue where the one before ended. */
export interface StoredInstants {
  readonly read: ReadStored;
  /** Series that were known are not any more: what was stored meanwhile has to be read for them. */
  renew(): void;
}

/** Which planned instants are accounted for, by series. So one instant is counted once, however often an agent sends it. */
export class AccountedInstants {
  readonly #stored: StoredInstants;
  readonly #most: number;
  readonly #byCheck = new Map<number, Map<string, AccountedOfSeries>>();
  #size = 0;

  constructor(stored: StoredInstants, most = MOST_SERIES) {
    this.#stored = stored;
    this.#most = most;
  }

  /** How many series are known. */
  get size(): number {
    return this.#size;
  }

  of(series: AccountedSeries): AccountedOfSeries {
    const { agent, check, target, intervalMs } = series;
    let ofCheck = this.#byCheck.get(check);
    const key = `${agent}/${target}/${intervalMs}`;
    let known = ofCheck?.get(key);
    if (known !== undefined) return known;
    if (this.#size >= this.#most) this.#dropOldest();
    ofCheck = this.#byCheck.get(check) ?? new Map<string, AccountedOfSeries>();
    this.#byCheck.set(check, ofCheck);
    known = new AccountedOfSeries(series, this.#stored.read);
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
    this.#stored.renew();
  }

  /** Drops a tenth of all series, from the checks known longest. */
  #dropOldest(): void {
    this.#stored.renew();
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
