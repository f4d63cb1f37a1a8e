const SAMPLE_MS = 20;
const SLOT_MS = 100;
const SLOTS = 4096;

/**
 * How late this process's event loop was, sampled by the schedule's timer, and by one of its own where that is silent
 * while runs that the process times are under way: the worst of each tenth of a second for some minutes back, and a p99 between two reports.
 * Process-stamped figures are to be judged by it.
 */
export class LoopDelay {
  readonly #monotonicMs: () => number;
  readonly #slots = new Float64Array(SLOTS);
  readonly #slotNumbers = new Float64Array(SLOTS).fill(-1);
  #timer: NodeJS.Timeout | null = null;
  #expected = 0;
  #users = 0;
  #samples: number[] = [];

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** A run begins that the process times. */
  enter(): void {
    this.#users += 1;
    if (this.#timer === null) this.#arm();
  }

  /** A run has ended. */
  leave(): void {
    this.#users -= 1;
  }

  /** Another timer fired this much late, ms: this one's sample can wait. */
  note(delay: number): void {
    const now = this.#monotonicMs();
    this.#keep(delay, now);
    if (this.#timer !== null) this.#postpone(this.#timer, now);
  }

  #keep(delay: number, now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const place = slot % SLOTS;
    const known = this.#slotNumbers[place] === slot ? (this.#slots[place] ?? 0) : 0;
    this.#slotNumbers[place] = slot;
    this.#slots[place] = Math.max(known, delay);
    if (this.#samples.length < 20_000) this.#samples.push(delay);
  }

  /** The worst delay, ms, seen between two monotonic times; also of a sample that is overdue right now. */
  worstMs(fromMs: number, toMs: number): number {
    let worst = this.#timer === null ? 0 : Math.max(0, toMs - this.#expected);
    const last = Math.floor(toMs / SLOT_MS);
    for (let slot = Math.max(Math.floor(fromMs / SLOT_MS), last - SLOTS + 1); slot <= last; slot++)
      if (this.#slotNumbers[slot % SLOTS] === slot) worst = Math.max(worst, this.#slots[slot % SLOTS] ?? 0);
    return worst;
  }

  /** p99 of the delay since the last call, ms; null where nothing was sampled. */
  takeP99Ms(): number | null {
    const sorted = this.#samples.sort((a, b) => a - b);
    this.#samples = [];
    return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? null;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.#expected = this.#monotonicMs() + SAMPLE_MS;
    this.#timer = setTimeout(() => this.#sample(), SAMPLE_MS);
    this.#timer.unref();
  }

  #postpone(timer: NodeJS.Timeout, now: number): void {
    this.#expected = now + SAMPLE_MS;
    timer.refresh();
  }

  #sample(): void {
    const now = this.#monotonicMs();
    this.#keep(Math.max(0, now - this.#expected), now);
    if (this.#users > 0 && this.#timer !== null) this.#postpone(this.#timer, now);
    else this.#timer = null;
  }
}
