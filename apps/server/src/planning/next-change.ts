import { dutyEnd, type KnownAgent, type PlannedTest } from './model.ts';
import { TAIL_MS } from './spans.ts';

/** The next instant after now at which time alone changes something: a start, an end and its tail, an agent counting as away. null: none. */
export function nextChange(
  tests: Iterable<PlannedTest>,
  agents: Iterable<KnownAgent>,
  nowMs: number,
  patienceMs: number,
): number | null {
  let next = Number.POSITIVE_INFINITY;
  const consider = (instant: number | null) => {
    if (instant !== null && instant > nowMs && instant < next) next = instant;
  };
  let anyOnline = false;
  for (const test of tests) {
    consider(test.startMs);
    const end = dutyEnd(test);
    consider(end);
    consider(end === null ? null : end + TAIL_MS);
    anyOnline ||= test.selection.by === 'any';
  }
  if (anyOnline)
    for (const { offlineSinceMs } of agents) consider(offlineSinceMs === null ? null : offlineSinceMs + patienceMs);
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/** Whether who runs what can differ for an agent's change: its name, capabilities or, mostly, presence do not matter. */
export function changesPlans(before: KnownAgent | undefined, after: KnownAgent, tests: Iterable<PlannedTest>): boolean {
  if (before === undefined || before.revoked !== after.revoked) return true;
  if (!sameLabels(before, after)) return true;
  if (before.offlineSinceMs === after.offlineSinceMs) return false;
  for (const { selection } of tests) if (selection.by === 'any') return true;
  return false;
}

function sameLabels({ labels: a }: KnownAgent, { labels: b }: KnownAgent): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
