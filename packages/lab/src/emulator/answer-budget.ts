/** Counts the ICMP errors that each router has sent in the current second. */
export class AnswerBudget {
  readonly #spent = new Map<number, { second: number; count: number }>();

  /** Whether router `hop` may answer at `atNs` when it sends at most `perSecond` errors. Counts the answer if so. */
  take(hop: number, perSecond: number | undefined, atNs: number): boolean {
    if (perSecond === undefined) return true;
    const second = Math.floor(atNs / 1e9);
    let spent = this.#spent.get(hop);
    if (spent?.second !== second) {
      spent = { second, count: 0 };
      this.#spent.set(hop, spent);
    }
    return ++spent.count <= perSecond;
  }
}
