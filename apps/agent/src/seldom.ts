const AGAIN_MS = 3_600_000;
const MOST_REMEMBERED = 100;

/** Logs a repeated event once, and again after an hour. */
export class Seldom {
  readonly #say: (message: string) => void;
  readonly #nowMs: () => number;
  readonly #said = new Map<string, number>();

  /** @param nowMs a monotonic clock. */
  constructor(say: (message: string) => void, nowMs: () => number) {
    this.#say = say;
    this.#nowMs = nowMs;
  }

  say(message: string): void {
    const now = this.#nowMs();
    if (now - (this.#said.get(message) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (this.#said.size >= MOST_REMEMBERED) this.#said.clear();
    this.#said.set(message, now);
    this.#say(message);
  }
}
