/** One series of scheduled instants: every `intervalMs` from a stable phase, within [startMs, endMs). Epoch ms. */
export interface Grid {
  readonly intervalMs: number;
  /** 0 <= phase < intervalMs, relative to the epoch. */
  readonly phaseMs: number;
  readonly startMs: number;
  /** null: open. */
  readonly endMs: number | null;
}

/**
 * The stable phase of one (agent, check, target): the same on both ends and after each restart, spread evenly over the
 * interval, so that neither agents nor targets are hit all at once. FNV-1a over the ids, then a 32-bit finalizer.
 */
export function phaseMs(agent: number, check: number, target: number, intervalMs: number): number {
  let hash = 0x811c9dc5;
  for (const part of [agent, check, target])
    for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((part >>> shift) & 0xff), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return Math.floor(((hash >>> 0) / 2 ** 32) * intervalMs);
}

/**
 * The tag of a (check, target): from the random tags that each got beside its id. It tells two apart that got the same
 * ids, since a server was put back to an older state in between. undefined: one of the two is older than tags.
 */
export function seriesTag(check: number | null | undefined, target: number | null | undefined): number | undefined {
  return check == null || target == null ? undefined : (check ^ target) >>> 0;
}

/** The first instant at or after `fromMs`; null where the grid has ended before it. */
export function nextInstant({ intervalMs, phaseMs: phase, startMs, endMs }: Grid, fromMs: number): number | null {
  const from = Math.max(fromMs, startMs);
  const instant = Math.ceil((from - phase) / intervalMs) * intervalMs + phase;
  return endMs !== null && instant >= endMs ? null : instant;
}

/** How many instants lie in [fromMs, toMs). */
export function countInstants(grid: Grid, fromMs: number, toMs: number): number {
  const { intervalMs, phaseMs: phase, startMs, endMs } = grid;
  const from = Math.max(fromMs, startMs);
  const to = endMs === null ? toMs : Math.min(toMs, endMs);
  if (to <= from) return 0;
  return Math.ceil((to - phase) / intervalMs) - Math.ceil((from - phase) / intervalMs);
}
