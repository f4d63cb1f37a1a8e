/** What the owner lets this agent send; null: no limit. Counted with the cost that the probes declare. */
export interface BudgetLimits {
  /** Packets sent per second. */
  readonly packetsPerSecond: number | null;
  /** Bytes sent and received per hour of UTC. */
  readonly bytesPerHour: number | null;
  /** Bytes sent and received per day of UTC. */
  readonly bytesPerDay: number | null;
}

export const noLimits: BudgetLimits = Object.freeze({ packetsPerSecond: null, bytesPerHour: null, bytesPerDay: null });
