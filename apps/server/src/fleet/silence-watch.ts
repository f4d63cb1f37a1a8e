/** Heartbeats without a message after which an agent counts as not heard. */
export const SILENT_HEARTBEATS = 2;

export interface SilenceWatchParts {
  readonly heartbeatMs: number;
  /** For how long nothing was received, ms. */
  readonly unheardMs: () => number;
  /** Called once when the agent becomes silent, and once when it is heard again. */
  readonly changed: () => void;
}

/** Reports the moment at which an agent becomes silent. Call `beat` once per heartbeat and `heard` on each message. */
export class SilenceWatch {
  readonly #parts: SilenceWatchParts;
  readonly #limitMs: number;
  #reported = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: SilenceWatchParts) {
    this.#parts = parts;
    this.#limitMs = SILENT_HEARTBEATS * parts.heartbeatMs;
  }

  get isSilent(): boolean {
    return this.#parts.unheardMs() > this.#limitMs;
  }

  /** Sets a timer if the agent may become silent before the next heartbeat. */
  beat(): void {
    const leftMs = this.#limitMs - this.#parts.unheardMs();
    if (leftMs <= this.#parts.heartbeatMs) this.#checkIn(Math.max(0, leftMs) + 1);
  }

  heard(): void {
    if (!this.#reported) return;
    this.#reported = false;
    this.#parts.changed();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #checkIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#reported || !this.isSilent) return;
      this.#reported = true;
      this.#parts.changed();
    }, ms);
  }
}
