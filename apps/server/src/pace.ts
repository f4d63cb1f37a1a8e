import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time that paced work blocks the event loop in one turn, ms. */
const SLICE_MS = 10;

/** Interrupts long work, so that the event loop handles other events in between. */
export class Pace {
  #sliceEndMs = performance.now() + SLICE_MS;

  /** Whether the work should pause now. */
  get isDue(): boolean {
    return performance.now() >= this.#sliceEndMs;
  }

  /** Lets the event loop handle other events. The next slice begins after them. */
  async rest(): Promise<void> {
    await nextTurn();
    this.#sliceEndMs = performance.now() + SLICE_MS;
  }
}

/** Runs short jobs in order, a slice per turn of the event loop. While time is left in a slice, a job runs at once. */
export class PacedQueue {
  readonly #jobs: (() => void)[] = [];
  #next = 0;
  #usedMs = 0;
  #scheduled = false;

  /** @param job must not throw. */
  run(job: () => void): void {
    if (this.#next === this.#jobs.length && this.#usedMs < SLICE_MS) this.#do(job);
    else this.#jobs.push(job);
    this.#schedule();
  }

  #do(job: () => void): void {
    const startMs = performance.now();
    job();
    this.#usedMs += performance.now() - startMs;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#usedMs = 0;
    while (this.#next < this.#jobs.length && this.#usedMs < SLICE_MS) {
      const job = this.#jobs[this.#next];
      this.#next += 1;
      if (job !== undefined) this.#do(job);
    }
    if (this.#next === this.#jobs.length) {
      this.#jobs.length = 0;
      this.#next = 0;
    }
    if (this.#usedMs > 0) this.#schedule();
  }
}
