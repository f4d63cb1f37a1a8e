import { boundedOffset, type OffsetInterval, OffsetTracker, offsetOf } from '@netsonde/metrics';
import type { AgentMessage, ServerMessage } from '@netsonde/protocol';

/** The agent's clock, as far as the exchange about it needs. Times in ms. */
export interface TalkingClock {
  /** The best estimate, epoch ms. */
  wallMs(): number;
  /** The host's own clock, epoch ms. */
  hostMs(): number;
  monotonicMs(): number;
  /** A mark that hosts with the same kernel share. */
  readonly bootMark: string | undefined;
  /** The host's clock minus the server's. `sure`: whether someone has confirmed the server's. */
  heardServer(off: OffsetInterval, sure: boolean): void;
}

export interface ClockTalkParts {
  readonly clock: TalkingClock;
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
    const beforeMs = clock.hostMs();
    const monotonicMs = clock.monotonicMs();
    this.#wallAhead = beforeMs - monotonicMs;
    this.#asked.set(id, { beforeMs, monotonicMs });
    this.#asked.delete(id - MAX_ASKED);
    const boot = clock.bootMark === undefined ? {} : { boot: clock.bootMark };
    send({ type: 'time', id, agentMs: clock.wallMs(), host: { ms: beforeMs, ...boot } });
  }

  /** Asks again where the clock has stepped: the server must know that before it judges instants by the new time. */
  askAfterStep(): void {
    const { clock } = this.#parts;
    if (Math.abs(clock.hostMs() - clock.monotonicMs() - this.#wallAhead) > STEP_MS) this.ask();
  }

  answered({ id, serverMs, sure = true }: Extract<ServerMessage, { type: 'time' }>): void {
    const { clock, log } = this.#parts;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    const now = { wallMs: clock.hostMs(), monotonicMs: clock.monotonicMs() };
    const steppedMs = now.wallMs - now.monotonicMs - (asked.beforeMs - asked.monotonicMs);
    if (Math.abs(steppedMs) > STEP_MS) {
      this.ask();
      return;
    }
    const roundTripMs = now.monotonicMs - asked.monotonicMs;
    const known = this.#tracker.add(offsetOf({ beforeMs: asked.beforeMs, roundTripMs, otherMs: serverMs }), now);
    clock.heardServer(known, sure);
    const { offsetMs, errorMs } = boundedOffset(known);
    log.debug(`clock offset to the server ${offsetMs.toFixed(1)} ms, at most ${roundedUp(errorMs).toFixed(1)} ms off`);
    const isOff = Math.abs(offsetMs) - errorMs > CLOCK_OFF_MS;
    if (isOff && !this.#warned)
      log.warn(
        `the clock of this host is ${Math.abs(offsetMs / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the server's: the agent goes by the server's time; set it with: timedatectl set-ntp true`,
      );
    this.#warned = isOff;
  }
}

/** Formats an error bound for an offset that is shown with one decimal. The bound includes the rounding. */
const roundedUp = (errorMs: number): number => Math.ceil(10 * errorMs + 0.5) / 10;
