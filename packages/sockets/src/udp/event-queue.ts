/** Events for listeners and for iterators, each of which receives all events from its start on. */
export class EventQueue<T> {
  private readonly listeners = new Set<(event: T) => void>();
  private readonly endings = new Set<() => void>();
  private ended = false;

  push(events: readonly T[]): void {
    for (const event of events) for (const listener of this.listeners) listener(event);
  }

  listen(listener: (event: T) => void): void {
    this.listeners.add(listener);
  }

  /** There will be no more events. */
  end(): void {
    this.ended = true;
    for (const ending of this.endings) ending();
  }

  /** Starts to collect at once, not at the first `next`. */
  iterate(): AsyncIterableIterator<T> {
    const gathered: T[] = [];
    let wake: () => void = () => undefined;
    const listener = (event: T) => {
      gathered.push(event);
      wake();
    };
    const ending = () => wake();
    this.listeners.add(listener);
    this.endings.add(ending);
    const stop = () => {
      this.listeners.delete(listener);
      this.endings.delete(ending);
    };
    const isOver = () => this.ended;
    async function* run(): AsyncIterableIterator<T> {
      try {
        for (;;) {
          const next = gathered.shift();
          if (next !== undefined) yield next;
          else if (isOver()) return;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        stop();
      }
    }
    return run();
  }
}
