import { boundedOffset, OffsetTracker, offsetOf } from '@netsonde/metrics';
import type { AgentMessage, ServerMessage } from '@netsonde/protocol';

export interface ClockTalkParts {
  readonly clock: { wallMs(): number; monotonicMs(): number };
  readonly send: (message: AgentMessage) => void;
  readonly log: { warn(message: string): void; debug(message: string): void };
}

/** A clock that is further off than this is logged as a warning, ms. */
const CLOCK_OFF_MS = 5000;
/**
 * The clock has stepped when the difference of wall and monotonic time has changed by more than this since the last
 * question, ms.
 */
const STEP_MS = 500;
/** At most this many unanswered questions; older ones are dropped. */
const MAX_ASKED = 8;

/**
 * Measures this host's clock against the server's: with each heartbeat, and after each ping of the server. The round
 * trip of a ping bounds the error of the offset. A clock that is far off is logged.
 */
export class ClockTalk {
  readonly #parts: ClockTalkParts;
  readonly #asked = new Map<number, { readonly beforeMs: number; readonly monotonicMs: number }>();
  readonly #tracker = new OffsetTracker();
  #last = 0;
  /** Wall clock minus monotonic clock at the last question, ms. */
  #wallAhead = 0;
  #warned = false;

  constructor(parts: ClockTalkParts) {
    this.#parts = parts;
  }

  ask(): void {
    const { clock, send } = this.#parts;
    const id = ++this.#last;
    const beforeMs = clock.wallMs();
    this.#wallAhead = beforeMs - clock.monotonicMs();
    this.#asked.set(id, { beforeMs, monotonicMs: clock.monotonicMs() });
    this.#asked.delete(id - MAX_ASKED);
    send({ type: 'time', id, agentMs: beforeMs });
  }

  /** Asks again where the clock has stepped: the server must know that before it judges instants by the new time. */
  askAfterStep(): void {
    const { clock } = this.#parts;
    if (Math.abs(clock.wallMs() - clock.monotonicMs() - this.#wallAhead) > STEP_MS) this.ask();
  }

  answered({ id, serverMs }: Extract<ServerMessage, { type: 'time' }>): void {
    const { clock, log } = this.#parts;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    const now = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
    const roundTripMs = now.monotonicMs - asked.monotonicMs;
    const known = this.#tracker.add(offsetOf({ beforeMs: asked.beforeMs, roundTripMs, otherMs: serverMs }), now);
    const { offsetMs, errorMs } = boundedOffset(known);
    log.debug(`clock offset to the server ${offsetMs.toFixed(1)} ms, at most ${roundedUp(errorMs).toFixed(1)} ms off`);
    const isOff = Math.abs(offsetMs) - errorMs > CLOCK_OFF_MS;
    if (isOff && !this.#warned)
      log.warn(
        `the clock of this host is ${Math.abs(offsetMs / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the server's: results land at wrong times; set it with: timedatectl set-ntp true`,
      );
    this.#warned = isOff;
  }
}

/** Formats an error bound for an offset that is shown with one decimal. The bound includes the rounding. */
const roundedUp = (errorMs: number): number => Math.ceil(10 * errorMs + 0.5) / 10;
