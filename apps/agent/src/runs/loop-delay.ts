import type { StallWatch } from '@netsonde/probes/runtime';

const SLOT_MS = 100;
const SLOTS = 4096;
const MOST_SAMPLES = 20_000;

/**
 * How late this process's event loop was: the worst delay of each 100 ms for the last few minutes, and a p99 since the
 * last report. The stall watch samples it while runs are under way, and so does the schedule's timer. It decides
 * whether figures that the process times can be trusted.
 */
export class LoopDelay {
  readonly #monotonicMs: () => number;
  readonly #watch: StallWatch;
  readonly #slots = new Float64Array(SLOTS);
  readonly #slotNumbers = new Float64Array(SLOTS).fill(-1);
  #samples: number[] = [];

  /** Stops the watch's sampling. */
  readonly stop: () => void;

  constructor(monotonicMs: () => number, watch: StallWatch) {
    this.#monotonicMs = monotonicMs;
    this.#watch = watch;
    this.stop = watch.listen((lateMs) => this.#keep(lateMs));
  }

  /** A timer outside the watch fired this late, ms. The watch's next sample can wait. */
  note(lateMs: number): void {
    this.#keep(lateMs);
    this.#watch.note(lateMs);
  }

  #keep(lateMs: number): void {
    const slot = Math.floor(this.#monotonicMs() / SLOT_MS);
    const place = slot % SLOTS;
    const known = this.#slotNumbers[place] === slot ? (this.#slots[place] ?? 0) : 0;
    this.#slotNumbers[place] = slot;
    this.#slots[place] = Math.max(known, lateMs);
    if (this.#samples.length < MOST_SAMPLES) this.#samples.push(lateMs);
  }

  /** The worst delay from a monotonic time until now, ms. It includes a sample that is overdue. */
  worstMs(fromMs: number, toMs: number): number {
    let worst = this.#watch.overdueMs;
    const last = Math.floor(toMs / SLOT_MS);
    for (let slot = Math.max(Math.floor(fromMs / SLOT_MS), last - SLOTS + 1); slot <= last; slot++)
      if (this.#slotNumbers[slot % SLOTS] === slot) worst = Math.max(worst, this.#slots[slot % SLOTS] ?? 0);
    return worst;
  }

  /** p99 of the delay since the last call, ms; null where there are no samples. */
  takeP99Ms(): number | null {
    const sorted = this.#samples.sort((a, b) => a - b);
    this.#samples = [];
    return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? null;
  }
}
