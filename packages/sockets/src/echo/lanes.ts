import type { CheckedRequest } from './requests.ts';
import type { TrainOutcome } from './train-outcome.ts';
import type { TrainsInFlight } from './trains-in-flight.ts';
import type { EchoControl } from './types.ts';

/**
 * A thread with more echoes than this to send at once keeps its processor busy, so further trains go to another thread.
 */
export const FULL_LANE = 2000;
/** Echoes that a train sends within this time, in milliseconds, count as its burst. */
const RUSH_MS = 100;

/** How the lanes are opened and closed. */
export interface LaneRules {
  /** Starts one more thread. */
  readonly open: () => Promise<TrainsInFlight>;
  /** Most threads. */
  readonly most: number;
  /** A further thread ends after being idle for this long, in milliseconds. */
  readonly idleMs: number;
}

interface Lane {
  readonly flights: TrainsInFlight;
  trains: number;
  /** Echoes that its trains send in their first moments. */
  rush: number;
  idle?: NodeJS.Timeout;
}

/**
 * The threads that carry trains: one, which is all that steady testing needs, and further ones during bursts that would
 * keep one processor busy. The kernel's work for an echo runs on the thread that sends it, so only more threads shorten
 * a burst. A train stays on its thread, and trains that are submitted while a thread is being started do not wait for
 * it.
 */
export class Lanes {
  readonly #rules: LaneRules;
  readonly #lanes: Lane[];
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(first: TrainsInFlight, rules: LaneRules) {
    this.#rules = rules;
    this.#lanes = [{ flights: first, trains: 0, rush: 0 }];
  }

  /** How many threads there are. */
  get count(): number {
    return this.#lanes.length;
  }

  async submit(checked: CheckedRequest, control: EchoControl): Promise<TrainOutcome> {
    const rush = rushOf(checked);
    const lane = this.#choose();
    lane.trains += 1;
    lane.rush += rush;
    try {
      return await lane.flights.submit(checked, control);
    } finally {
      lane.trains -= 1;
      lane.rush -= rush;
      this.#rest(lane);
    }
  }

  /** Ends all threads; running trains end as cancelled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening;
    for (const { idle } of this.#lanes) clearTimeout(idle);
    await Promise.all(this.#lanes.map(({ flights }) => flights.close()));
  }

  /** The first thread that is not full, else the one with the least to send; where all are full, one more is started. */
  #choose(): Lane {
    let least = this.#lanes[0] as Lane;
    for (const lane of this.#lanes) {
      if (lane.rush < FULL_LANE) return lane;
      if (lane.rush < least.rush) least = lane;
    }
    if (this.#lanes.length < this.#rules.most && !this.#closed) this.#opening ??= this.#openOne();
    return least;
  }

  async #openOne(): Promise<void> {
    try {
      const lane = { flights: await this.#rules.open(), trains: 0, rush: 0 };
      this.#lanes.push(lane);
      this.#rest(lane);
    } catch (error) {
      process.emitWarning(`a further thread for echoes could not be started: ${(error as Error).message}`);
    }
    this.#opening = undefined;
  }

  #rest(lane: Lane): void {
    if (lane === this.#lanes[0] || lane.trains > 0 || this.#closed) return;
    clearTimeout(lane.idle);
    if (lane.flights.ended) this.#end(lane);
    else lane.idle = setTimeout(() => this.#end(lane), this.#rules.idleMs).unref();
  }

  #end(lane: Lane): void {
    if (lane.trains > 0) return;
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    lane.flights.close().catch((error: Error) => process.emitWarning(error));
  }
}

function rushOf({ request }: CheckedRequest): number {
  return request.intervalMs === 0
    ? request.count
    : Math.min(request.count, 1 + Math.floor(RUSH_MS / request.intervalMs));
}
