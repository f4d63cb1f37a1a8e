import type { StopSignal } from '@netsonde/sockets';
import type { Patience, TimeUp } from './patience.ts';

/** What a socket's listener puts in and a run takes out as it comes. */
export class Inbox<Item> {
  readonly #signal: StopSignal;
  #waiting: Item[] = [];
  #wake: () => void = () => {};

  /** @param signal the run's: who waits is woken when it aborts */
  constructor(signal: StopSignal) {
    this.#signal = signal;
  }

  put(items: readonly Item[]): void {
    this.#waiting.push(...items);
    if (items.length > 0) this.#wake();
  }

  /**
   * Yields what comes until it is done, the run is stopped, or the patience is at its end.
   * @param isDone asked after each batch was handed over
   * @returns why, where time was up
   */
  until(patience: Patience, isDone: () => boolean = () => false): AsyncGenerator<Item, TimeUp | null> {
    return this.#listen((onTimeUp) => patience.wait(onTimeUp), isDone);
  }

  /** Yields what comes until so many ms have passed or the run is stopped: a pause, after which nothing is judged. */
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
