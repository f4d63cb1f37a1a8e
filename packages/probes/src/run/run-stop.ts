import type { StopSignal } from '@netsonde/sockets';

/**
 * Ends one run: its holder may abort it, and the run listens. Node's own AbortController does the same, but creating
 * one and listening to it costs 7 us, more than the rest of the overhead of a small check.
 */
export class RunStop implements StopSignal {
  #aborted = false;
  #reason: unknown;
  readonly #listeners: (() => void)[] = [];

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  /** Calls the listeners in order, except those that an earlier one removed. Only the first call has an effect. */
  abort(reason: unknown = new Error('the run was cancelled')): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    for (let next = this.#listeners.shift(); next !== undefined; next = this.#listeners.shift()) next();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const place = this.#listeners.indexOf(listener);
    if (place >= 0) this.#listeners.splice(place, 1);
  }
}
