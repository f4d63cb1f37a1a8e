const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One timer for the next thing that time changes; setting it again replaces it. */
export class Alarm {
  #timer: NodeJS.Timeout | undefined;
  readonly #now: () => number;
  readonly #ring: () => void;

  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Rings at or just after this instant (epoch ms); for one too far for a timer it rings early, and is set again. null: silent. */
  set(atMs: number | null): void {
    clearTimeout(this.#timer);
    if (atMs === null) return;
    this.#timer = setTimeout(this.#ring, Math.min(LONGEST_TIMER_MS, Math.max(1, atMs - this.#now())));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
