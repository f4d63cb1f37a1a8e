/** Words of one second are gathered into one line, ms. */
const GATHER_MS = 1000;

/** Tells which records are given up since the server can never store them: one line a second at most, however many. */
export class GivenUp {
  readonly #say: (message: string) => void;
  #count = 0;
  #first = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  /** @param reason in the server's words */
  note(seq: number, reason: string): void {
    this.#count += 1;
    if (this.#count === 1) this.#first = `record ${seq} (${reason})`;
    this.#timer ??= setTimeout(() => this.close(), GATHER_MS);
  }

  /** Says at once what is still to be said. */
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
