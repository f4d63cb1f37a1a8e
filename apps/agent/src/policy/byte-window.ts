/** What the disk stores of a window. */
export interface KeptWindow {
  /** Number of the window since 1970. */
  readonly window: number;
  /** Bytes that may have been spent in it; never less than the true number. */
  readonly bytes: number;
}

/** Pieces of a limit. One is reserved at a time, so that a window causes at most this many writes to the disk. */
const PIECES = 64;

/** The bytes spent in the present hour or day of UTC. A piece ahead of them is always recorded as spent. */
export class ByteWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  readonly #name: string;
  #window: number;
  #spent: number;
  /** To be recorded as spent. */
  #taken: number;
  /** Recorded as spent. After a crash all of it counts as spent. */
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

  /** What to store. */
  get kept(): KeptWindow {
    return { window: this.#window, bytes: this.#taken };
  }

  /** Returns null where this many bytes may be spent. Otherwise returns why not. */
  refusal(bytes: number, nowMs: number): string | null {
    this.#roll(nowMs);
    const limit = `the owner's limit is ${this.#limit} per ${this.#name} (policy: limits.bytesPer${this.#capital()})`;
    if (bytes > this.#limit) return `one run takes up to ${bytes} bytes, ${limit}`;
    if (this.#spent + bytes <= this.#limit) return null;
    const next = new Date((this.#window + 1) * this.#lengthMs).toISOString();
    return `${limit} and is reached; the next ${this.#name} begins at ${next}`;
  }

  /** Returns true where `kept` has changed and must be durable before these bytes are spent. */
  takeAhead(bytes: number): boolean {
    const spent = this.#spent + bytes;
    if (spent <= this.#durable) return false;
    this.#taken = Math.max(spent, Math.min(this.#limit, spent + Math.ceil(this.#limit / PIECES)));
    return true;
  }

  /** What `kept` holds is durable. */
  confirm(): void {
    this.#durable = this.#taken;
  }

  spend(bytes: number): void {
    this.#spent += bytes;
  }

  /** This process spends nothing more: what it reserved ahead is refunded. */
  settle(): void {
    this.#taken = this.#spent;
  }

  /** A clock that goes back refunds nothing. What was spent stays, in its own window or in the present one. */
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
