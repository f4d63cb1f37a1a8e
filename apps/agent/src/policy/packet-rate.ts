/**
 * The owner's limit of packets per second (a token bucket with debt). A run may begin once all packets before it are
 * paid for. What it costs beyond one second's share becomes debt, so the agent never sends more than `limit` x seconds
 * + one run, however long it runs.
 */
export class PacketRate {
  readonly #limit: number;
  /** Packets that may be sent now; below zero: debt. Starts at zero, so that repeated restarts gain nothing. */
  #free = 0;
  #atMs: number;

  /** @param nowMs from a monotonic clock. */
  constructor(limit: number, nowMs: number) {
    this.#limit = limit;
    this.#atMs = nowMs;
  }

  /**
   * Returns null where the run may begin, and counts it. Otherwise returns why not. @param seconds the longest time
   * that the run takes.
   */
  refusal(packets: number, seconds: number, nowMs: number): string | null {
    if (packets === 0) return null;
    if (packets > this.#limit * Math.max(1, seconds))
      return `one run sends up to ${packets} packets in ${seconds} s, the owner's limit is ${this.#limit} per second (policy: limits.packetsPerSecond)`;
    this.#free = Math.min(this.#limit, this.#free + ((nowMs - this.#atMs) / 1000) * this.#limit);
    this.#atMs = nowMs;
    if (this.#free < Math.min(packets, this.#limit))
      return `the owner's limit of ${this.#limit} packets per second is reached (policy: limits.packetsPerSecond)`;
    this.#free -= packets;
    return null;
  }
}
