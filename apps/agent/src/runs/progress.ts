import type { ReadyCheck } from './run-check.ts';

/** At most this many runs that begin in one second are followed, and at most this many lines are sent. */
const PER_S = 10;
/** A run that ends sooner than this reports its result soon enough: nobody needs its progress, ms. */
const SOON_MS = 250;

/** Turns observations of long runs into lines for people, few enough to cost nothing. */
export class Progress {
  readonly #monotonicMs: () => number;
  readonly #runs = new Share();
  readonly #lines = new Share();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Returns what to call with a run's observations; null where this second's share is used up. */
  follower({ runner }: ReadyCheck, send: (line: string) => void): ((observation: unknown) => void) | null {
    const startMs = this.#monotonicMs();
    if (!this.#runs.take(startMs)) return null;
    return (observation) => {
      const nowMs = this.#monotonicMs();
      if (nowMs - startMs < SOON_MS) return;
      const line = runner.describe(observation);
      if (line !== null && this.#lines.take(nowMs)) send(line);
    };
  }
}

/** A limit per second. */
class Share {
  #second = 0;
  #left = 0;

  take(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = PER_S;
    }
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }
}
