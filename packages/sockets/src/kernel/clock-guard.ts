import { CLOCK_MONOTONIC, CLOCK_REALTIME } from './constants.ts';
import { libc } from './libc.ts';

/** Steps of the wall clock smaller than this, in nanoseconds, are below what two readings can tell apart. */
export const SMALLEST_STEP_NS = 2_000;
/** A reading whose two monotonic ends lie farther apart than this was interrupted and is repeated. */
const STEADY_READING_NS = 3_000;
const ATTEMPTS = 4;

/**
 * Reads the wall clock and the monotonic clock as a pair. Kernel stamps are wall-clock times, which a user or a daemon
 * may set while an echo is in flight; the two clocks are slewed alike, so their difference changes only by such a step.
 * Two stamps that were taken between two readings with the same `epoch` can be subtracted.
 */
export class ClockGuard {
  /** Subtracted from the wall clock's seconds, so that a double holds stamps to the nanosecond. */
  readonly baseSeconds: number;
  /** Monotonic time of the last reading in nanoseconds since boot. */
  monoNs = 0;
  /** Wall-clock time of the last reading in nanoseconds since `baseSeconds`. */
  wallNs = 0;
  /** Counts the steps of the wall clock that were noticed. */
  epoch = 0;
  private offsetNs = Number.NaN;
  private uncertaintyNs = Number.POSITIVE_INFINITY;
  private readonly time: Uint32Array = new Uint32Array(12);
  private readonly first: bigint;
  private readonly wall: bigint;
  private readonly second: bigint;
  private readonly calls = libc();

  constructor(baseSeconds: number) {
    this.first = this.calls.address(this.time);
    this.wall = this.first + 16n;
    this.second = this.first + 32n;
    this.baseSeconds = baseSeconds;
    this.read();
  }

  /** Reads both clocks; afterwards `monoNs` is now and `epoch` has grown if the wall clock was set since. */
  read(): void {
    let spread = Number.POSITIVE_INFINITY;
    let offset = 0;
    for (let attempt = 0; attempt < ATTEMPTS && spread > STEADY_READING_NS; attempt += 1) {
      this.calls.clock_gettime(CLOCK_MONOTONIC, this.first);
      this.calls.clock_gettime(CLOCK_REALTIME, this.wall);
      this.calls.clock_gettime(CLOCK_MONOTONIC, this.second);
      const before = this.nanoseconds(0, 0);
      this.monoNs = this.nanoseconds(8, 0);
      if (this.monoNs - before >= spread) continue;
      spread = this.monoNs - before;
      this.wallNs = this.nanoseconds(4, this.baseSeconds);
      offset = this.wallNs - (before + this.monoNs) / 2;
    }
    this.judge(offset, spread / 2);
  }

  private judge(offset: number, uncertainty: number): void {
    const same = Math.abs(offset - this.offsetNs) <= SMALLEST_STEP_NS + uncertainty + this.uncertaintyNs;
    if (same && uncertainty >= this.uncertaintyNs) return;
    if (!same && !Number.isNaN(this.offsetNs)) this.epoch += 1;
    this.offsetNs = offset;
    this.uncertaintyNs = uncertainty;
  }

  private nanoseconds(word: number, base: number): number {
    return ((this.time[word] ?? 0) - base) * 1e9 + (this.time[word + 2] ?? 0);
  }
}
