import type { AssignedCheck } from '@netsonde/protocol';
import { pause } from './ground.ts';
import type { KeptFrames } from './kept-frames.ts';

/**
 * The due instants of a series, computed from interval, phase and wall time without any code of the product. The phase
 * is observed (any run's instant modulo the interval) and must be the same in all runs.
 */
export function instantsDue(intervalMs: number, phaseMs: number, fromMs: number, toMs: number): number[] {
  const due: number[] = [];
  for (let at = Math.ceil((fromMs - phaseMs) / intervalMs) * intervalMs + phaseMs; at < toMs; at += intervalMs)
    due.push(at);
  return due;
}

/** How the instants of one series were accounted for. */
export interface Account {
  readonly stored: number;
  readonly missed: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  /** Instants reported more than once or never, including those reported outside of the window. */
  readonly faults: readonly string[];
  readonly expected: number;
}

/** Checks that each due instant of [check.startMs, untilMs) is accounted for exactly once. */
export function account(kept: KeptFrames, check: AssignedCheck, target: number, untilMs: number): Account {
  const mine = (one: { check: number; target: number }) => one.check === check.check && one.target === target;
  const runs = kept.runs.filter((run) => mine(run) && run.at < untilMs && !(run.flags ?? []).includes('repeated'));
  const phase = (kept.runs.find(mine)?.at ?? 0) % check.intervalMs;
  const due = instantsDue(check.intervalMs, phase, check.startMs, untilMs);
  const isDue = new Set(due);
  const reported = new Map<number, string[]>();
  const note = (at: number, by: string) => reported.set(at, [...(reported.get(at) ?? []), by]);
  for (const run of runs) note(run.at, 'run');
  const missed: Record<string, number> = {};
  for (const one of kept.missed.filter(mine)) {
    const instants = instantsDue(check.intervalMs, phase, one.from, one.to + 1);
    if (instants.length !== one.count) note(one.from, `missed record of ${one.count} covers ${instants.length}`);
    const within = instants.filter((at) => at < untilMs);
    for (const at of within) note(at, `missed ${one.reason}`);
    if (within.length > 0) missed[one.reason] = (missed[one.reason] ?? 0) + within.length;
  }
  const dropped: Record<string, number> = {};
  for (const drop of kept.drops)
    for (const lost of drop.runs.filter(mine)) dropped[drop.reason] = (dropped[drop.reason] ?? 0) + lost.count;
  const lostInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const faults: string[] = [];
  const unreported = due.filter((at) => !reported.has(at));
  if (unreported.length !== lostInAll)
    faults.push(
      `${unreported.length} instants were never reported, ${lostInAll} were dropped: ${unreported.slice(0, 5)}`,
    );
  for (const [at, by] of reported)
    if (by.length > 1 || !isDue.has(at)) faults.push(`${at}: ${by.join(' + ')}${isDue.has(at) ? '' : ' (not due)'}`);
  return { stored: runs.length, missed, dropped, faults, expected: due.length };
}

/** Time for a busy machine to report what is due already, ms. */
const REPORTING_MS = 20_000;

/**
 * The accounts of all series of these checks up to `untilMs`, once each instant is accounted for or the wait has
 * ended.
 * @param end stops what reports. The accounts are read after it, so that a double report at the very end shows
 */
export async function accountsOnceReported(
  kept: KeptFrames,
  checks: readonly AssignedCheck[],
  untilMs: number,
  end: () => Promise<unknown>,
): Promise<Account[]> {
  const accounts = () =>
    checks.flatMap((check) => check.targets.map(({ target }) => account(kept, check, target, untilMs)));
  const lastMs = performance.now() + REPORTING_MS;
  while (performance.now() < lastMs && accounts().some(({ faults }) => faults.length > 0)) await pause(250);
  await end();
  return accounts();
}
