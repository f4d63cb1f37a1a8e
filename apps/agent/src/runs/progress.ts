import type { ReadyCheck } from './run-check.ts';

/** Lines a second that are worth sending for people to watch. */
const LINES_PER_S = 10;

/** Turns observations into lines for people, few enough not to cost anything. */
export class Progress {
  readonly #monotonicMs: () => number;
  #second = 0;
  #left = LINES_PER_S;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** What to call with a run's observations; null where this second's share is used up already. */
  follower({ runner }: ReadyCheck, send: (line: string) => void): ((observation: unknown) => void) | null {
    if (!this.#hasShare()) return null;
    return (observation) => {
      if (!this.#hasShare()) return;
      const line = runner.describe(observation);
      if (line === null) return;
      this.#left -= 1;
      send(line);
    };
  }

  #hasShare(): boolean {
    const second = Math.floor(this.#monotonicMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = LINES_PER_S;
    }
    return this.#left > 0;
  }
}
