import type { StopSignal } from '@netsonde/sockets';

/**
 * Ends one run: whoever holds it may abort it, the run listens. Node's own AbortController does the same, but making one
 * and listening to it costs 7 us, more than all else around a small check.
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

  /** Calls the listeners, in their order, but for those that one before them took off; only the first call does anything. */
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
