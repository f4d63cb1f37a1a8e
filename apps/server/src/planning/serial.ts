/** Runs one piece of work after the other, in order; one that fails does not stop the next. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<void> | null = null;

  run<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Like run, but calls made while one of them has not begun share it. */
  coalesce(work: () => Promise<void>): Promise<void> {
    this.#waiting ??= this.run(() => {
      this.#waiting = null;
      return work();
    });
    return this.#waiting;
  }
}
