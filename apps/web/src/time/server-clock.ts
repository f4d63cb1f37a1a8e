/** The clocks of a page. */
export interface PageClocks {
  /** The browser's wall clock, epoch ms. It can be wrong, and set. */
  readonly wallMs: () => number;
  /** A clock that is never set, ms from an arbitrary start. It may stop while the computer sleeps. */
  readonly steadyMs: () => number;
}

/** One answer that carried the server's time, by the page's steady clock. */
interface Answer {
  /** When the server sent it, epoch ms. */
  readonly serverMs: number;
  readonly askedMs: number;
  readonly heardMs: number;
}

interface Measured {
  /** The server's time at `steadyMs`, epoch ms, give or take `errorMs`. */
  readonly serverMs: number;
  readonly errorMs: number;
  readonly steadyMs: number;
  readonly wallMs: number;
}

/** The wall clock and the steady clock part by this much only if one was set or the computer slept, ms. */
const MOST_APART_MS = 1000;
/** A steady clock is off by at most this share of what has passed. */
const DRIFT = 5e-4;

/**
 * The server's time as a page knows it: measured by each answer, whose round trip bounds the error. Between answers the
 * steady clock counts.
 */
export class ServerClock {
  readonly #clocks: PageClocks;
  #measured: Measured | null = null;

  constructor(clocks: PageClocks) {
    this.#clocks = clocks;
  }

  /** Best estimate of the server's time, epoch ms. The browser's clock until the first answer. */
  now(): number {
    const measured = this.#measured;
    if (measured === null) return this.#clocks.wallMs();
    const apartMs = this.#apartMs(measured);
    // The wall clock alone went on: more often the computer slept than its clock was set. The next answer decides.
    const sleptMs = apartMs > MOST_APART_MS ? apartMs : 0;
    return measured.serverMs + this.#clocks.steadyMs() - measured.steadyMs + sleptMs;
  }

  /** Whether only another answer can say what the time is. */
  get isUnsure(): boolean {
    return this.#measured !== null && Math.abs(this.#apartMs(this.#measured)) > MOST_APART_MS;
  }

  /** How far the browser's clock is ahead of the server's at least, ms; below 0: behind. 0: it may be right. */
  get browserAheadMs(): number {
    const measured = this.#measured;
    if (measured === null) return 0;
    const aheadMs = this.#clocks.wallMs() - this.now();
    return Math.sign(aheadMs) * Math.max(0, Math.abs(aheadMs) - measured.errorMs);
  }

  /** Takes the server's time from an answer, unless what is known already is more exact. */
  heard({ serverMs, askedMs, heardMs }: Answer): void {
    const errorMs = Math.max(0, heardMs - askedMs) / 2;
    const known = this.#measured;
    const agedMs = known === null ? 0 : known.errorMs + (heardMs - known.steadyMs) * DRIFT;
    if (known !== null && !this.isUnsure && errorMs > agedMs) return;
    const steadyMs = this.#clocks.steadyMs();
    this.#measured = {
      serverMs: serverMs + errorMs + steadyMs - heardMs,
      errorMs,
      steadyMs,
      wallMs: this.#clocks.wallMs(),
    };
  }

  /** How much further the wall clock has gone than the steady clock since the last measurement, ms. */
  #apartMs({ wallMs, steadyMs }: Measured): number {
    return this.#clocks.wallMs() - wallMs - (this.#clocks.steadyMs() - steadyMs);
  }
}
