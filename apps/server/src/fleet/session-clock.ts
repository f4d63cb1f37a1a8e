import { type BoundedOffset, boundedOffset, OffsetTracker, offsetOf } from '@netsonde/metrics';

/** An agent's clock minus the server's, as it was at one instant of the server's clock. Times in ms. */
export interface MeasuredOffset extends BoundedOffset {
  readonly atMs: number;
}

/** A server's clocks, ms. */
export interface ServerClocks {
  wallMs(): number;
  monotonicMs(): number;
}

interface Ping {
  readonly id: number;
  readonly beforeMs: number;
  readonly monotonicMs: number;
}

/** Most unanswered pings kept. Older ones are dropped. */
const MAX_PINGS = 8;

/**
 * Measures an agent's clock against the server's. A `time` message that follows the pong of a ping was written after the
 * ping was sent and before the message was received. These two server instants bound the agent's reading.
 */
export class SessionClock {
  readonly #clocks: ServerClocks;
  readonly #tracker = new OffsetTracker();
  #pings: readonly Ping[] = [];
  #answered: Ping | null = null;
  #last = 0;
  #measured: MeasuredOffset | null = null;

  constructor(clocks: ServerClocks) {
    this.#clocks = clocks;
  }

  /** Call just before a ping is sent. @returns its payload */
  pinged(): string {
    this.#last += 1;
    const ping = { id: this.#last, beforeMs: this.#clocks.wallMs(), monotonicMs: this.#clocks.monotonicMs() };
    this.#pings = [...this.#pings.slice(1 - MAX_PINGS), ping];
    return String(ping.id);
  }

  /** Call when a pong is received. Pongs of other pings are ignored. */
  ponged(payload: string): void {
    const ping = this.#pings.find(({ id }) => String(id) === payload);
    if (ping === undefined) return;
    this.#answered = ping;
    this.#pings = this.#pings.filter(({ id }) => id > ping.id);
  }

  /** Call when a `time` message is received. */
  heard(agentMs: number): void {
    if (this.#answered === null) return;
    const { beforeMs, monotonicMs } = this.#answered;
    const now = { wallMs: this.#clocks.wallMs(), monotonicMs: this.#clocks.monotonicMs() };
    const roundTripMs = now.monotonicMs - monotonicMs;
    const serverAhead = this.#tracker.add(offsetOf({ beforeMs, roundTripMs, otherMs: agentMs }), now);
    const { offsetMs, errorMs } = boundedOffset(serverAhead);
    this.#measured = { offsetMs: -offsetMs, errorMs, atMs: now.wallMs };
  }

  /** The last measurement, with a bound that contains the true offset of that instant. null: none yet. */
  get offset(): MeasuredOffset | null {
    return this.#measured;
  }
}
