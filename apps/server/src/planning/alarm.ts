const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One timer for the next change due by time. Setting it again replaces the instant. */
export class Alarm {
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  readonly #now: () => number;
  readonly #ring: () => void;

  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Rings at or just after this instant, epoch ms. If that is too far for a timer, it rings early. null: never rings. */
  set(atMs: number | null): void {
    this.clear();
    if (atMs === null) return;
    this.#atMs = atMs;
    this.#timer = setTimeout(this.#ring, Math.min(LONGEST_TIMER_MS, Math.max(1, atMs - this.#now())));
  }

  /** Rings at this instant, or earlier if it is already set to an earlier one. */
  setAtLatest(atMs: number): void {
    if (atMs < this.#atMs) this.set(atMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#atMs = Number.POSITIVE_INFINITY;
  }
}
