/**
 * The owner's limit of packets per second. A run is let through when all that was sent before it is paid for; what it
 * costs beyond a second's worth is owed, so that however long the agent runs, it never sends more than
 * `limit` x seconds + one run.
 */
export class PacketRate {
  readonly #limit: number;
  /** Packets that may be sent now; below zero: owed. It begins empty, so that starting again and again gains nothing. */
  #free = 0;
  #atMs: number;

  /** @param nowMs by a clock that is never set. */
  constructor(limit: number, nowMs: number) {
    this.#limit = limit;
    this.#atMs = nowMs;
  }

  /** null: the run may begin and is counted. Otherwise why not. @param seconds the longest time that the run takes. */
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
