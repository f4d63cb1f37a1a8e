import type { Clock } from '../contract/context.ts';

/** How long a request and its redirects may still take; the resolver's time is not counted. */
export class Patience {
  readonly #clock: Clock;
  #untilMs: number;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#untilMs = clock.monotonicMs() + timeoutMs;
  }

  extend(ms: number): void {
    this.#untilMs += ms;
  }

  /** At least 1 ms, as timers want it. */
  leftMs(): number {
    return Math.max(1, Math.ceil(this.#untilMs - this.#clock.monotonicMs()));
  }

  /** A fair share of what is left among so many attempts. */
  share(attempts: number): number {
    return Math.max(1, Math.ceil(this.leftMs() / attempts));
  }
}
