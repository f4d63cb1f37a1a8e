import { performance } from 'node:perf_hooks';

/** How an agent's clock stands against the server's; the error is half the round trip. */
export interface ClockOffset {
  /** Agent's minus server's, ms. */
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** Measures round trips with pings, and from them the offset of the agent's clock. */
export class SessionClock {
  #roundTripMs: number | null = null;
  #pingedAt: number | null = null;

  /** Call when a ping goes out. */
  pinged(): void {
    this.#pingedAt = performance.now();
  }

  /** Call when its pong comes in. */
  ponged(): void {
    if (this.#pingedAt !== null) this.#roundTripMs = performance.now() - this.#pingedAt;
    this.#pingedAt = null;
  }

  /** The offset from a `time` message that came in at `nowMs`; null before the first round trip. */
  offset(agentMs: number, nowMs: number): ClockOffset | null {
    if (this.#roundTripMs === null) return null;
    const half = this.#roundTripMs / 2;
    return { offsetMs: agentMs + half - nowMs, errorMs: half };
  }
}
