/** A check that an agent refuses, or only against one target, and its reason. */
export interface RefusedCheck {
  readonly check: number;
  /** Absent: all its targets. */
  readonly target?: number | undefined;
  readonly reason: string;
}

/** What agents refuse of their assignments, by their last report. */
export class RefusalBook {
  readonly #byAgent = new Map<number, ReadonlyMap<number, readonly RefusedCheck[]>>();

  /** Replaces the agent's previous list. */
  set(agent: number, refused: readonly RefusedCheck[]): void {
    const byCheck = new Map<number, RefusedCheck[]>();
    for (const one of refused) byCheck.set(one.check, [...(byCheck.get(one.check) ?? []), one]);
    this.#byAgent.set(agent, byCheck);
  }

  /** The reason for a check, for any of its targets. undefined: the agent did not refuse it. */
  ofCheck(agent: number, check: number): string | undefined {
    const [first, ...others] = this.#byAgent.get(agent)?.get(check) ?? [];
    return others.length > 0 ? `${first?.reason} (and ${others.length} more of its targets)` : first?.reason;
  }

  /** The reason for a check against one target. undefined: the agent did not refuse it. */
  ofTarget(agent: number, check: number, target: number): string | undefined {
    const refused = this.#byAgent.get(agent)?.get(check) ?? [];
    return refused.find((one) => (one.target ?? target) === target)?.reason;
  }
}
