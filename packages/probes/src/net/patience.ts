import type { Clock } from '../contract/context.ts';
import { AGENT_STALLED } from '../contract/network-error.ts';

/** Why a wait ended without an answer: none arrived, or this process was stalled and could not read it. */
export type TimeUp = 'timeout' | typeof AGENT_STALLED;

/** A timer this late means that the process was stalled, ms; less is a busy event loop. */
const STALL_MS = 25;
/** A wait is cut into this many slices, so that a stall is noticed wherever it falls. */
const SLICES = 10;
const SHORTEST_SLICE_MS = 20;
const LONGEST_SLICE_MS = 1000;
/** Minimum time after a stall to read what arrived during it, ms. */
const GRACE_MS = 50;
/**
 * The longest stall of at least this length is not counted as waiting time, and such a run is flagged. Shorter ones are
 * a busy event loop: at most {@link MOST_FORGIVEN_MS} of them in all are not counted.
 */
const LONG_STALL_MS = 250;
const MOST_FORGIVEN_MS = 150;
/** A wait that ends later than this after its timeout has overrun, ms. */
const ALLOWANCE_MS = 250;
/**
 * A process that was stalled for this share of the timeout without a break cannot claim that nothing arrived. The two
 * bounds below limit the share.
 */
const DOUBTFUL_SHARE = 0.2;
const LEAST_DOUBTFUL_MS = 250;
const MOST_DOUBTFUL_MS = 1000;
/** Codes by which a far end ends a connection after waiting for us too long. */
const GIVEN_UP = new Set(['closed', 'ECONNRESET', 'ECONNABORTED', 'EPIPE']);

/**
 * A timeout shared by one wait or several consecutive ones. Only the time in which this process watched counts: not the
 * time between two waits (such as resolving a name), and not a long stall. While a process is suspended or its event
 * loop is busy, answers stay in the kernel, and Node runs due timers before it reads them. A wait that ends too late
 * reports that to the run's clock, so that the run is flagged.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #doubtfulMs: number;
  #leftMs: number;
  /** The longest single stall so far. */
  #stalledMs = 0;
  /** How much of further short stalls is not counted. */
  #forgivableMs = MOST_FORGIVEN_MS;
  /** How long all waits lasted beyond the timeout; negative while there is time left. */
  #overrunMs: number;
  /** Start of the slice in progress; null: none. */
  #sinceMs: number | null = null;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#sliceMs = Math.min(LONGEST_SLICE_MS, Math.max(SHORTEST_SLICE_MS, timeoutMs / SLICES));
    this.#doubtfulMs = Math.min(MOST_DOUBTFUL_MS, Math.max(LEAST_DOUBTFUL_MS, timeoutMs * DOUBTFUL_SHARE));
    this.#leftMs = timeoutMs;
    this.#overrunMs = -timeoutMs;
  }

  /** This process was stalled too long to know what did not arrive, or not in time. */
  get stalled(): boolean {
    return this.#stalledMs >= this.#doubtfulMs;
  }

  /**
   * The code to report for a failure: {@link AGENT_STALLED} if this process was stalled so long that the far end may
   * have given up, `timeout` if the failure arrived after the timeout.
   */
  judged(code: string): string {
    if (this.stalled) return GIVEN_UP.has(code) ? AGENT_STALLED : code;
    const sliceMs = this.#sinceMs === null ? 0 : this.#clock.monotonicMs() - this.#sinceMs;
    return this.#overrunMs + sliceMs > ALLOWANCE_MS ? 'timeout' : code;
  }

  /**
   * Waits for the remaining time, or for an equal share of it if `attempts` remain, and then reports why it ended. Data
   * that arrived by then is read first, so its listeners can still end the wait.
   * @returns a function that ends the wait; call it as soon as the outcome is known
   */
  wait(onTimeUp: (why: TimeUp) => void, attempts = 1): () => void {
    let leftMs = Math.max(1, this.#leftMs / attempts);
    let sliceMs = 0;
    let startedMs = 0;
    let hasGrace = true;
    let timer: NodeJS.Timeout;
    let lastTurn: NodeJS.Immediate | undefined;
    const watch = (longestMs: number) => {
      sliceMs = Math.ceil(Math.min(leftMs, longestMs));
      startedMs = this.#clock.monotonicMs();
      this.#sinceMs = startedMs;
      timer = setTimeout(sliceEnded, sliceMs);
    };
    const sliceEnded = () => {
      const tookMs = this.#clock.monotonicMs() - startedMs;
      leftMs -= this.#count(sliceMs, tookMs);
      // One grace for each wait: on a busy host every slice is late, and the wait would never end.
      if (tookMs - sliceMs >= STALL_MS && leftMs < GRACE_MS && hasGrace) {
        leftMs = GRACE_MS;
        hasGrace = false;
      }
      sliceMs = 0;
      if (leftMs > 0) watch(this.#untilMarkMs());
      // In a turn of the event loop, timers run before reading, and immediates after it.
      else lastTurn = setImmediate(lastTurnEnded, this.#clock.monotonicMs());
    };
    const lastTurnEnded = (dueMs: number) => {
      this.#passed(this.#clock.monotonicMs() - dueMs);
      onTimeUp(this.stalled ? AGENT_STALLED : 'timeout');
    };
    watch(this.#sliceMs);
    return () => {
      clearTimeout(timer);
      clearImmediate(lastTurn);
      if (sliceMs > 0) this.#count(sliceMs, this.#clock.monotonicMs() - startedMs);
      sliceMs = 0;
    };
  }

  /** Time to the next multiple of a slice on the clock. Long parallel waits then wake up together. */
  #untilMarkMs(): number {
    const untilMs = this.#sliceMs - (this.#clock.monotonicMs() % this.#sliceMs);
    return untilMs < STALL_MS ? untilMs + this.#sliceMs : untilMs;
  }

  /** Counts a slice that took this long, and returns how much of it counts as waiting time. */
  #count(sliceMs: number, tookMs: number): number {
    this.#sinceMs = null;
    const lateMs = tookMs - sliceMs;
    let forgivenMs = 0;
    if (lateMs >= STALL_MS) {
      forgivenMs = this.#forgivenOf(lateMs);
      this.#stalledMs = Math.max(this.#stalledMs, lateMs);
    }
    this.#leftMs -= tookMs - forgivenMs;
    this.#passed(tookMs);
    return tookMs - forgivenMs;
  }

  /** How much of a new stall is not counted. Of long ones, that is the longest alone: a busy host has many. */
  #forgivenOf(lateMs: number): number {
    if (lateMs >= LONG_STALL_MS) return Math.max(0, lateMs - this.#stalledMs);
    const forgivenMs = Math.min(lateMs, this.#forgivableMs);
    this.#forgivableMs -= forgivenMs;
    return forgivenMs;
  }

  #passed(ms: number): void {
    this.#overrunMs += ms;
    if (this.#overrunMs > ALLOWANCE_MS) this.#clock.overran?.(this.#overrunMs);
  }
}
