/** Window with at most one line per agent, ms. */
const QUIET_MS = 60_000;
/** Most agents kept in memory. With more, the oldest are dropped. */
const MOST_AGENTS = 10_000;

interface Agent {
  readonly loggedMs: number;
  /** Records refused since the last line. */
  unsaid: number;
}

/** Logs agents whose records are refused: one line per agent and minute, however many records there are. */
export class RefusalLog {
  readonly #log: { warn(message: string): void };
  readonly #monotonicMs: () => number;
  readonly #agents = new Map<number, Agent>();

  constructor(log: { warn(message: string): void }, monotonicMs: () => number = () => performance.now()) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** @param first why the first record was refused. */
  refused(agent: number, who: string, count: number, first: string): void {
    const nowMs = this.#monotonicMs();
    const known = this.#agents.get(agent);
    if (known !== undefined && nowMs - known.loggedMs < QUIET_MS) {
      known.unsaid += count;
      return;
    }
    const before = known === undefined || known.unsaid === 0 ? '' : `; ${known.unsaid} more since the last such line`;
    this.#log.warn(`${who}: ${count} records refused, the first because of ${first}${before}`);
    this.#agents.delete(agent);
    this.#agents.set(agent, { loggedMs: nowMs, unsaid: 0 });
    if (this.#agents.size > MOST_AGENTS) this.#agents.delete(this.#agents.keys().next().value ?? agent);
  }
}
