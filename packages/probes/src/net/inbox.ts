import type { StopSignal } from '@netsonde/sockets';
import type { Patience, TimeUp } from './patience.ts';

/** A queue between a socket's listener, which adds items, and a run, which reads them as they arrive. */
export class Inbox<Item> {
  readonly #signal: StopSignal;
  #waiting: Item[] = [];
  #wake: () => void = () => {};

  /** @param signal the run's signal; its abort wakes the reader */
  constructor(signal: StopSignal) {
    this.#signal = signal;
  }

  put(items: readonly Item[]): void {
    this.#waiting.push(...items);
    if (items.length > 0) this.#wake();
  }

  /**
   * Yields items until `isDone`, the run is stopped, or the patience has run out.
   * @param isDone called after each batch
   * @returns the reason, if time ran out
   */
  until(patience: Patience, isDone: () => boolean = () => false): AsyncGenerator<Item, TimeUp | null> {
    return this.#listen((onTimeUp) => patience.wait(onTimeUp), isDone);
  }

  /**
   * Yields items for the given time, in ms, or until the run is stopped. It is a pause, so its end implies no verdict.
   */
  during(ms: number): AsyncGenerator<Item, TimeUp | null> {
    return this.#listen(
      (onTimeUp) => {
        const timer = setTimeout(onTimeUp, ms, 'timeout');
        return () => clearTimeout(timer);
      },
      () => false,
    );
  }

  async *#listen(
    start: (onTimeUp: (why: TimeUp) => void) => () => void,
    isDone: () => boolean,
  ): AsyncGenerator<Item, TimeUp | null> {
    let timeUp: TimeUp | null = null;
    const wake = () => this.#wake();
    const endWait = start((why) => {
      timeUp = why;
      wake();
    });
    this.#signal.addEventListener('abort', wake);
    try {
      for (;;) {
        const batch = this.#waiting;
        this.#waiting = [];
        yield* batch;
        if (this.#waiting.length > 0) continue;
        if (isDone() || this.#signal.aborted) return null;
        if (timeUp !== null) return timeUp;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = () => {};
      }
    } finally {
      endWait();
      this.#signal.removeEventListener('abort', wake);
    }
  }
}
