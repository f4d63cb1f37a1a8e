import type { Verdict } from '@netsonde/probes/catalog';
import { GAP_STEPS } from './gaps.ts';

const WORST_FIRST: readonly Verdict[] = ['down', 'degraded', 'unknown', 'up'];

/** A stretch of slots with the same worst verdict. */
export interface VerdictSlots {
  readonly verdict: Verdict;
  /** First slot, from 0. */
  readonly from: number;
  readonly slots: number;
}

/** The verdicts of one series, and how long each holds. */
export interface VerdictHistory {
  /** Epoch ms, ascending. */
  readonly at: readonly number[];
  readonly verdict: readonly Verdict[];
  /** Longest time between two points where nothing is missing, ms. */
  readonly stepMs: number;
  /** How long a point holds when the one after it is missing, ms. */
  readonly holdMs: number;
  /** Epoch ms until which the newest point holds; undefined: as long as the others. */
  readonly newestHoldsUntilMs?: number | undefined;
}

/**
 * The worst verdict in each of `slots` equal parts of a window, with equal neighbours joined. A part without a point has
 * the verdict of the point before it if that holds through the whole part. Parts at and after `notHeardSinceMs` are
 * `unknown`. Other parts without a point are left out.
 */
export function verdictStretches(
  history: VerdictHistory,
  fromMs: number,
  toMs: number,
  slots: number,
  notHeardSinceMs: number | null = null,
): readonly VerdictSlots[] {
  const { at, verdict } = history;
  const placeOf = (ms: number) => ((ms - fromMs) / (toMs - fromMs)) * slots;
  const worst = new Array<Verdict | undefined>(slots).fill(undefined);
  at.forEach((instant, place) => {
    const slot = Math.floor(placeOf(instant));
    const found = verdict[place];
    if (slot >= 0 && slot < slots && found !== undefined) worst[slot] = worse(worst[slot], found);
  });
  at.forEach((instant, place) => {
    const first = Math.max(0, Math.floor(placeOf(instant)) + 1);
    const end = Math.min(slots, Math.floor(placeOf(holdsUntil(history, place))));
    for (let slot = first; slot < end; slot += 1) worst[slot] ??= verdict[place];
  });
  if (notHeardSinceMs !== null) {
    const first = Math.max(0, Math.floor(placeOf(notHeardSinceMs)));
    for (let slot = first; slot < slots; slot += 1) worst[slot] ??= 'unknown';
  }
  return join(worst);
}

/** Epoch ms until which a point holds: until the next, or until that would have been due where it is missing. */
function holdsUntil({ at, stepMs, holdMs, newestHoldsUntilMs }: VerdictHistory, place: number): number {
  const instant = at[place] ?? 0;
  const next = at[place + 1];
  if (next === undefined) return newestHoldsUntilMs ?? instant + holdMs;
  return next - instant <= GAP_STEPS * stepMs ? next : instant + holdMs;
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
