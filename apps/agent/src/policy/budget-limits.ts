/** What the owner lets this agent put on the network; null: no limit. Counted with what the probes declare as their cost. */
export interface BudgetLimits {
  /** Packets sent per second. */
  readonly packetsPerSecond: number | null;
  /** Bytes sent and received per hour of UTC. */
  readonly bytesPerHour: number | null;
  /** Bytes sent and received per day of UTC. */
  readonly bytesPerDay: number | null;
}

export const noLimits: BudgetLimits = Object.freeze({ packetsPerSecond: null, bytesPerHour: null, bytesPerDay: null });
