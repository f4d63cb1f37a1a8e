/** Reports within this time are joined into one line, ms. */
const GATHER_MS = 1000;

/** Logs records that the agent drops because the server can never store them: at most one line per second. */
export class GivenUp {
  readonly #say: (message: string) => void;
  #count = 0;
  #first = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  /** @param reason as the server worded it */
  note(seq: number, reason: string): void {
    this.#count += 1;
    if (this.#count === 1) this.#first = `record ${seq} (${reason})`;
    this.#timer ??= setTimeout(() => this.close(), GATHER_MS);
  }

  /** Logs at once what is pending. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#count === 0) return;
    const more = this.#count === 1 ? '' : ` and ${this.#count - 1} more`;
    const what = this.#count === 1 ? 'it is given up' : 'they are given up';
    this.#say(`the server can never store ${this.#first}${more}: ${what}`);
    this.#count = 0;
  }
}
