/** The host's monotonic clock, ms. All threads of a process read the same. */
export const sharedMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The time as the agent's clock knows it, in a thread of its own. */
export class ThreadClock {
  #bestAheadMs: number;
  #leastAheadMs: number | null = null;

  constructor(nowMs: number) {
    this.#bestAheadMs = nowMs - sharedMs();
  }

  set({ bestAheadMs, leastAheadMs }: { readonly bestAheadMs: number; readonly leastAheadMs: number | null }): void {
    this.#bestAheadMs = bestAheadMs;
    this.#leastAheadMs = leastAheadMs;
  }

  /** The best estimate, epoch ms. */
  nowMs(): number {
    return sharedMs() + this.#bestAheadMs;
  }

  /** The time that it certainly is at least, epoch ms. null: nothing is certain. */
  leastMs(): number | null {
    return this.#leastAheadMs === null ? null : sharedMs() + this.#leastAheadMs;
  }
}
