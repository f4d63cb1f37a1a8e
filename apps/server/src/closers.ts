type Close = () => void | Promise<void>;

/** What was opened and has to be closed, last opened first; closing twice is closing once. */
export class Closers {
  readonly #all: Close[] = [];
  #closing: Promise<void> | undefined;

  add(close: Close): void {
    this.#all.push(close);
  }

  /** Closes everything, also where one of them fails. @throws the first failure. */
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
