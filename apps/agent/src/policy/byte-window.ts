/** What is kept of a window on the disk. */
export interface KeptWindow {
  /** Number of the window since 1970. */
  readonly window: number;
  /** Bytes that may have been spent in it: never less than were. */
  readonly bytes: number;
}

/** One piece of the limit is taken at a time, so that the disk is written this often in a window, at most. */
const PIECES = 64;

/** The bytes spent in the present hour or day of UTC, ahead of which a piece is always written down as spent. */
export class ByteWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  readonly #name: string;
  #window: number;
  #spent: number;
  /** To be written down as spent. */
  #taken: number;
  /** Written down as spent; a crash makes all of it so. */
  #durable: number;

  constructor(limit: number, lengthMs: number, name: string, kept: KeptWindow | null) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
    this.#name = name;
    this.#window = kept?.window ?? 0;
    this.#spent = kept?.bytes ?? 0;
    this.#taken = this.#spent;
    this.#durable = this.#spent;
  }

  /** What to write down. */
  get kept(): KeptWindow {
    return { window: this.#window, bytes: this.#taken };
  }

  /** null: so many bytes may be spent. Otherwise why not. */
  refusal(bytes: number, nowMs: number): string | null {
    this.#roll(nowMs);
    const limit = `the owner's limit is ${this.#limit} per ${this.#name} (policy: limits.bytesPer${this.#capital()})`;
    if (bytes > this.#limit) return `one run takes up to ${bytes} bytes, ${limit}`;
    if (this.#spent + bytes <= this.#limit) return null;
    const next = new Date((this.#window + 1) * this.#lengthMs).toISOString();
    return `${limit} and is reached; the next ${this.#name} begins at ${next}`;
  }

  /** true: `kept` has changed and must be durable before so many bytes are spent. */
  takeAhead(bytes: number): boolean {
    const spent = this.#spent + bytes;
    if (spent <= this.#durable) return false;
    this.#taken = Math.max(spent, Math.min(this.#limit, spent + Math.ceil(this.#limit / PIECES)));
    return true;
  }

  /** What `kept` says is durable. */
  confirm(): void {
    this.#durable = this.#taken;
  }

  spend(bytes: number): void {
    this.#spent += bytes;
  }

  /** Nothing more is spent by this process: what was taken ahead is given back. */
  settle(): void {
    this.#taken = this.#spent;
  }

  /** A clock that goes back gives nothing back: what was spent stays, in the window that it was spent in or the present one. */
  #roll(nowMs: number): void {
    const now = Math.floor(nowMs / this.#lengthMs);
    if (now > this.#window) {
      this.#spent = 0;
      this.#taken = 0;
      this.#durable = 0;
    }
    if (now > this.#window || this.#window - now > 1) this.#window = now;
  }

  #capital(): string {
    return this.#name.replace(/^./, (letter) => letter.toUpperCase());
  }
}
