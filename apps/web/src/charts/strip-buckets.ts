import type { Verdict } from '@netsonde/probes/catalog';

const WORST_FIRST: readonly Verdict[] = ['down', 'degraded', 'unknown', 'up'];

/** A stretch of slots with the same worst verdict. */
export interface VerdictSlots {
  readonly verdict: Verdict;
  /** First slot, from 0. */
  readonly from: number;
  readonly slots: number;
}

interface Dated {
  readonly at: readonly number[];
  readonly verdict: readonly Verdict[];
}

/**
 * The worst verdict in each of `slots` equal parts of a window, with equal neighbours joined. Parts without results
 * are left out, except those after `notHeardSinceMs`: these are `unknown`.
 */
export function verdictStretches(
  { at, verdict }: Dated,
  fromMs: number,
  toMs: number,
  slots: number,
  notHeardSinceMs: number | null = null,
): readonly VerdictSlots[] {
  const worst = new Array<Verdict | undefined>(slots).fill(undefined);
  at.forEach((instant, place) => {
    const slot = Math.floor(((instant - fromMs) / (toMs - fromMs)) * slots);
    const found = verdict[place];
    if (slot >= 0 && slot < slots && found !== undefined) worst[slot] = worse(worst[slot], found);
  });
  if (notHeardSinceMs !== null) {
    const first = Math.max(0, Math.ceil(((notHeardSinceMs - fromMs) / (toMs - fromMs)) * slots));
    for (let slot = first; slot < slots; slot += 1) worst[slot] ??= 'unknown';
  }
  return join(worst);
}

const worse = (a: Verdict | undefined, b: Verdict): Verdict =>
  a === undefined || WORST_FIRST.indexOf(b) < WORST_FIRST.indexOf(a) ? b : a;

function join(slots: readonly (Verdict | undefined)[]): readonly VerdictSlots[] {
  const stretches: VerdictSlots[] = [];
  slots.forEach((verdict, from) => {
    if (verdict === undefined) return;
    const last = stretches.at(-1);
    if (last?.verdict === verdict && last.from + last.slots === from)
      stretches[stretches.length - 1] = { ...last, slots: last.slots + 1 };
    else stretches.push({ verdict, from, slots: 1 });
  });
  return stretches;
}
