import type { Clock } from '../contract/context.ts';
import type { Span } from '../contract/outcome.ts';
import { systemClock } from '../net/system-clock.ts';

/**
 * A process that did not run for this long without a break was stalled, ms; less is a busy event loop (`loop_delayed`).
 */
export const STALL_MS = 250;
/** How often the watch ticks while it guards figures that the process times, ms. */
const FINE_MS = 20;
/**
 * The same while the kernel times all runs in progress. The watch then only flags runs, so fewer wake-ups are worth
 * more than precision.
 */
const COARSE_MS = 250;
/** How many stalls are kept. */
const MOST_STALLS = 512;

/**
 * Detects when this process was stalled: suspended, in a suspended virtual machine, or with a busy event loop. Ticks
 * only while runs are in progress. One for each process: {@link stallWatch}.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #listeners = new Set<(lateMs: number) => void>();
  readonly #stalls: Span[] = [];
  #fineRuns = 0;
  #coarseRuns = 0;
  #timer: NodeJS.Timeout | null = null;
  #periodMs = FINE_MS;
  #lastMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Watches until the returned function is called.
   * @param kernelTimed whether no figure depends on the process's clock; stalls shorter than about 500 ms may then go
   * undetected
   */
  enter(kernelTimed: boolean): () => void {
    if (kernelTimed) this.#coarseRuns += 1;
    else this.#fineRuns += 1;
    this.#arm();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (kernelTimed) this.#coarseRuns -= 1;
      else this.#fineRuns -= 1;
    };
  }

  /** Calls back at each tick with how late the event loop was, ms, until the returned function is called. */
  listen(listener: (lateMs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reports that another timer fired this late, ms, so the watch can postpone its own tick. */
  note(lateMs: number): void {
    if (this.#timer === null || lateMs >= FINE_MS || this.overdueMs >= FINE_MS) return;
    this.#lastMs = this.#clock.monotonicMs();
    this.#timer.refresh();
  }

  /** How long the tick is overdue right now, ms; 0 while no run is in progress. */
  get overdueMs(): number {
    return this.#timer === null ? 0 : Math.max(0, this.#clock.monotonicMs() - this.#lastMs - this.#periodMs);
  }

  /** The longest stall of the process within a past interval, ms; 0: less than {@link STALL_MS}. */
  longestMs({ fromMs, toMs }: Span): number {
    let longestMs = 0;
    for (const stall of [...this.#stalls, ...this.#openStall()]) {
      const overlapMs = Math.min(toMs, stall.toMs) - Math.max(fromMs, stall.fromMs);
      if (overlapMs >= STALL_MS) longestMs = Math.max(longestMs, overlapMs);
    }
    return longestMs;
  }

  /** A stall that the overdue tick has not recorded yet. Pending data may be read before timers fire. */
  #openStall(): readonly Span[] {
    return this.overdueMs < STALL_MS ? [] : [{ fromMs: this.#lastMs, toMs: this.#clock.monotonicMs() }];
  }

  #arm(): void {
    const periodMs = this.#fineRuns > 0 ? FINE_MS : COARSE_MS;
    if (this.#timer !== null && this.#periodMs <= periodMs) return;
    if (this.#timer !== null) {
      for (const stall of this.#openStall()) this.#remember(stall);
      clearTimeout(this.#timer);
    }
    this.#periodMs = periodMs;
    this.#lastMs = this.#clock.monotonicMs();
    this.#timer = setTimeout(() => this.#tick(), periodMs);
    this.#timer.unref();
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const lateMs = Math.max(0, nowMs - this.#lastMs - this.#periodMs);
    if (lateMs >= STALL_MS) this.#remember({ fromMs: this.#lastMs, toMs: nowMs });
    for (const listener of this.#listeners) listener(lateMs);
    const wantedMs = this.#fineRuns > 0 ? FINE_MS : this.#coarseRuns > 0 ? COARSE_MS : null;
    if (this.#timer !== null && wantedMs === this.#periodMs) {
      this.#lastMs = nowMs;
      this.#timer.refresh();
      return;
    }
    this.#timer = null;
    if (wantedMs !== null) this.#arm();
  }

  #remember(stall: Span): void {
    if (this.#stalls.length >= MOST_STALLS) this.#stalls.shift();
    this.#stalls.push(stall);
  }
}

/** The watch of this process; its times are those of {@link systemClock}. */
export const stallWatch = new StallWatch(systemClock);
