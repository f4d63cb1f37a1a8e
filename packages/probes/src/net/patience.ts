import type { Clock } from '../contract/context.ts';
import { AGENT_STALLED } from '../contract/network-error.ts';

/** Why a wait ended without an answer: none came, or this process was not there to take it. */
export type TimeUp = 'timeout' | typeof AGENT_STALLED;

/** A timer that fires this much late tells of a process that stood still, ms; less is an event loop at work. */
const STALL_MS = 25;
/** A wait is cut into so many slices, so that standing still is noticed wherever it falls. */
const SLICES = 10;
const SHORTEST_SLICE_MS = 20;
const LONGEST_SLICE_MS = 1000;
/** After standing still, what has arrived meanwhile is given at least this long to be read. */
const GRACE_MS = 50;
/** A process that stood still for this share of the whole at a stretch cannot say that nothing came; never less, or more, than so long. */
const DOUBTFUL_SHARE = 0.2;
const LEAST_DOUBTFUL_MS = 250;
const MOST_DOUBTFUL_MS = 1000;
/** What a far end does that has waited for us too long. */
const GIVEN_UP = new Set(['closed', 'ECONNRESET', 'ECONNABORTED', 'EPIPE']);

/**
 * How long something may still take, over one wait or several that follow each other. Only time counts in which this
 * process watched: not what lies between two waits (as a name being resolved), and not what it stood still. While a
 * process is suspended or its event loop busy, answers are left lying in the kernel, and Node runs timers that are due
 * before it reads them.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #doubtfulMs: number;
  #leftMs: number;
  /** The longest time that it stood still at a stretch. */
  #stalledMs = 0;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#sliceMs = Math.min(LONGEST_SLICE_MS, Math.max(SHORTEST_SLICE_MS, timeoutMs / SLICES));
    this.#doubtfulMs = Math.min(MOST_DOUBTFUL_MS, Math.max(LEAST_DOUBTFUL_MS, timeoutMs * DOUBTFUL_SHARE));
    this.#leftMs = timeoutMs;
  }

  /** This process stood still so long that it cannot say what did not come, or not in time. */
  get stalled(): boolean {
    return this.#stalledMs >= this.#doubtfulMs;
  }

  /**
   * What a failure's code is worth: {@link AGENT_STALLED} where this process stood still so long that the far end may have
   * given it up.
   */
  judged(code: string): string {
    return this.stalled && GIVEN_UP.has(code) ? AGENT_STALLED : code;
  }

  /**
   * Waits for the time that is left, or a fair share of it where so many attempts are still to come, and then says why it
   * ended. What has arrived by then is read first, so that its listeners can still end the wait.
   * @returns ends the wait; call it as soon as it is decided
   */
  wait(onTimeUp: (why: TimeUp) => void, attempts = 1): () => void {
    let leftMs = Math.max(1, this.#leftMs / attempts);
    let sliceMs = 0;
    let startedMs = 0;
    let timer: NodeJS.Timeout;
    let lastTurn: NodeJS.Immediate | undefined;
    const watch = (longestMs: number) => {
      sliceMs = Math.ceil(Math.min(leftMs, longestMs));
      startedMs = this.#clock.monotonicMs();
      timer = setTimeout(sliceEnded, sliceMs);
    };
    const sliceEnded = () => {
      leftMs -= sliceMs;
      if (this.#count(sliceMs, this.#clock.monotonicMs() - startedMs)) leftMs = Math.max(leftMs, GRACE_MS);
      sliceMs = 0;
      if (leftMs > 0) watch(this.#untilMarkMs());
      // In a turn of the event loop timers come before reading, and immediates after it.
      else lastTurn = setImmediate(() => onTimeUp(this.stalled ? AGENT_STALLED : 'timeout'));
    };
    watch(this.#sliceMs);
    return () => {
      clearTimeout(timer);
      clearImmediate(lastTurn);
      if (sliceMs > 0) this.#count(sliceMs, this.#clock.monotonicMs() - startedMs);
      sliceMs = 0;
    };
  }

  /** At most about a slice, to where the clock is a multiple of it: long waits that go on side by side look up together. */
  #untilMarkMs(): number {
    const untilMs = this.#sliceMs - (this.#clock.monotonicMs() % this.#sliceMs);
    return untilMs < STALL_MS ? untilMs + this.#sliceMs : untilMs;
  }

  /** Counts a slice of watching that took this long; true where the process stood still in it. */
  #count(sliceMs: number, tookMs: number): boolean {
    this.#leftMs -= Math.min(sliceMs, tookMs);
    const lateMs = tookMs - sliceMs;
    if (lateMs < STALL_MS) return false;
    this.#stalledMs = Math.max(this.#stalledMs, lateMs);
    return true;
  }
}
