import { isIP } from 'node:net';
import { type Catalog, type ProbeDescriptor, parseTarget } from '@netsonde/probes/catalog';
import type { Options } from './model.ts';
import type { WarnedCheck } from './warnings.ts';

/** Estimated duration of a run, s. */
interface RunTime {
  /** Time between the first packet and the last, independent of the target. */
  readonly leastSeconds: number;
  /** Most time if nothing answers, without name resolution. */
  readonly silentSeconds: number;
  /** Most time of any target. */
  readonly mostSeconds: number;
}

/** Warns of checks whose runs overlap, always or only while targets do not answer. */
export function overlapWarnings(
  checks: readonly WarnedCheck[],
  targets: readonly string[],
  catalog: Catalog,
): readonly string[] {
  return checks.flatMap(({ probe, options, intervalMs }) => {
    const descriptor = catalog[probe];
    if (descriptor === undefined) return [];
    const words = overlapWords(runTime(descriptor, options, targets), intervalMs / 1000, probe);
    return words === null ? [] : [words];
  });
}

function overlapWords(time: RunTime, intervalSeconds: number, probe: string): string | null {
  const { leastSeconds, silentSeconds, mostSeconds } = time;
  const interval = `its interval of ${round(intervalSeconds)} s`;
  if (leastSeconds >= intervalSeconds)
    return `A run of ${probe} sends for ${round(leastSeconds)} s even where its target answers, no shorter than ${interval}: the runs that would overlap are left out and counted as missed. Choose a longer interval, or fewer packets.`;
  if (mostSeconds <= intervalSeconds) return null;
  const when = silentSeconds > intervalSeconds ? 'no answer comes' : 'a target’s name is resolved slowly';
  return `Where ${when}, a run of ${probe} takes up to ${round(mostSeconds)} s, longer than ${interval}: the runs that are due meanwhile are left out and counted as missed.`;
}

function runTime(descriptor: ProbeDescriptor, options: Options, targets: readonly string[]): RunTime {
  const { seconds, leastSeconds, resolvingSeconds } = descriptor.cost(options);
  const silentSeconds = seconds - resolvingSeconds;
  const named = targets.some((target) => isIP(parseTarget(descriptor.target, target).host) === 0);
  return { leastSeconds, silentSeconds, mostSeconds: named ? seconds : silentSeconds };
}

const round = (value: number): number => Math.round(value * 100) / 100;
