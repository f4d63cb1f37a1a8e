import { type BoundedOffset, CLOCK_TOLERANCE_MS, type OffsetInterval } from '@netsonde/metrics';

/** What the agents' own clocks say together of this host's clock. */
export type PeersWord =
  /** More of them agree with this host's clock, or with the estimate, than do not: how far it is off, ms. */
  | { readonly agree: OffsetInterval }
  /** More of them agree with each other than with this host: by how much it is ahead of theirs, ms. */
  | { readonly contradict: number }
  /** Nobody says anything, or they do not agree. */
  | null;

interface Heard extends BoundedOffset {
  readonly atMs: number;
}

/** A clock that was not measured for so long says nothing any more, ms. */
const FRESH_MS = 120_000;

/**
 * The clocks of agents on other hosts, as witnesses. An agent that follows this server's clock says how its host's own
 * clock stands. One agent could lie: so together they choose between times that this host knows itself, and set none.
 */
export class PeerClocks {
  readonly #heard = new Map<number, Heard>();

  /** `offset`: the agent's own clock minus the best estimate. `nowMs`: by a clock that is never set. */
  note(agent: number, offset: BoundedOffset, nowMs: number): void {
    this.#heard.set(agent, { ...offset, atMs: nowMs });
  }

  /** @param wallAheadMs this host's clock minus the best estimate */
  word(wallAheadMs: number, nowMs: number): PeersWord {
    for (const [agent, { atMs }] of this.#heard) if (nowMs - atMs > FRESH_MS) this.#heard.delete(agent);
    const all = [...this.#heard.values()];
    const near = (ms: number) =>
      all.filter(({ offsetMs, errorMs }) => Math.abs(offsetMs - ms) <= CLOCK_TOLERANCE_MS + errorMs);
    for (const candidate of wallAheadMs === 0 ? [0] : [wallAheadMs, 0]) {
      const agreeing = near(candidate);
      if (agreeing.length * 2 <= all.length) continue;
      const best = agreeing.reduce((a, b) => (b.errorMs < a.errorMs ? b : a));
      const off = wallAheadMs - best.offsetMs;
      return { agree: { leastMs: off - best.errorMs, mostMs: off + best.errorMs } };
    }
    const sorted = all.map(({ offsetMs }) => offsetMs).sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    if (median === undefined || near(median).length * 2 <= all.length) return null;
    return { contradict: wallAheadMs - median };
  }
}
