import type { AgentMessage, ServerMessage } from '@netsonde/protocol';

export interface ClockTalkParts {
  readonly clock: { wallMs(): number; monotonicMs(): number };
  readonly send: (message: AgentMessage) => void;
  readonly log: { warn(message: string): void; debug(message: string): void };
}

/** A clock further off than this is worth a warning, ms. */
const CLOCK_OFF_MS = 5000;

/** How this host's clock stands against the server's: asked for with each heartbeat, said when it is far off. */
export class ClockTalk {
  readonly #parts: ClockTalkParts;
  readonly #asked = new Map<number, number>();
  #last = 0;
  #warned = false;

  constructor(parts: ClockTalkParts) {
    this.#parts = parts;
  }

  ask(): void {
    const { clock, send } = this.#parts;
    const id = ++this.#last;
    this.#asked.set(id, clock.monotonicMs());
    send({ type: 'time', id, agentMs: clock.wallMs() });
  }

  answered({ id, agentMs, serverMs }: Extract<ServerMessage, { type: 'time' }>): void {
    const { clock, log } = this.#parts;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    const half = (clock.monotonicMs() - asked) / 2;
    const offset = agentMs + half - serverMs;
    log.debug(`clock offset to the server ${offset.toFixed(1)} ms, known to ${half.toFixed(1)} ms`);
    const off = Math.abs(offset) - half > CLOCK_OFF_MS;
    if (off && !this.#warned)
      log.warn(
        `the clock of this host is ${Math.abs(offset / 1000).toFixed(1)} s ${offset > 0 ? 'ahead of' : 'behind'} the server's: results land at wrong times; set it with: timedatectl set-ntp true`,
      );
    this.#warned = off;
  }
}
