type Close = () => void | Promise<void>;

/** Closes opened resources, last opened first. Closing again has no effect. */
export class Closers {
  readonly #all: Close[] = [];
  #closing: Promise<void> | undefined;

  add(close: Close): void {
    this.#all.push(close);
  }

  /** Closes all resources even if one fails. @throws the first failure. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#all.reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
