/** What a server asks for with a kiss code. Source: RFC 5905 section 7.4 */
export type Kiss = 'RATE' | 'DENY' | 'RSTR';

/** The kiss code of an answer; null: it has none with a request to the client. */
export const kissOf = ({
  stratum,
  reference,
}: {
  readonly stratum: number;
  readonly reference: string;
}): Kiss | null =>
  stratum === 0 && (reference === 'RATE' || reference === 'DENY' || reference === 'RSTR') ? reference : null;

/** The first hold-off after RATE, ms; each further one doubles it. */
const FIRST_MS = 64_000;
const LONGEST_MS = 3_600_000;
/** After DENY and RSTR. */
const DENIED_MS = 24 * 3_600_000;
/** Servers that are remembered; the one that was held off first is dropped for a new one. */
const MAX_SERVERS = 4096;

interface HoldOff {
  readonly kiss: Kiss;
  /** How many times the server asked to slow down, less the runs that it answered since. */
  readonly level: number;
  readonly untilMs: number;
}

/**
 * The servers that asked not to be queried for a while: the client must stop sending after DENY and RSTR, and query
 * less often after each RATE (RFC 5905 section 7.4). Times are ms of a monotonic clock.
 */
export class HoldOffs {
  readonly #servers = new Map<string, HoldOff>();

  /** The hold-off in force; null: the server may be queried. */
  of(server: string, nowMs: number): { readonly kiss: Kiss; readonly leftMs: number } | null {
    const known = this.#servers.get(server);
    return known === undefined || known.untilMs <= nowMs ? null : { kiss: known.kiss, leftMs: known.untilMs - nowMs };
  }

  /** Records how a run ended: with this kiss code, or null, with the time. */
  note(server: string, kiss: Kiss | null, nowMs: number): void {
    const known = this.#servers.get(server);
    this.#servers.delete(server);
    const level = (known?.level ?? 0) + (kiss === null ? -1 : 1);
    if (kiss === null && level <= 0) return;
    if (this.#servers.size >= MAX_SERVERS) this.#servers.delete(this.#servers.keys().next().value ?? '');
    const denied = kiss === 'DENY' || kiss === 'RSTR';
    const holdMs = denied ? DENIED_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** (level - 1));
    this.#servers.set(server, { kiss: kiss ?? 'RATE', level: Math.min(level, 10), untilMs: nowMs + holdMs });
  }
}

/** The hold-offs of this process. */
export const holdOffs = new HoldOffs();
