import { isIP } from 'node:net';
import { type Catalog, type ProbeDescriptor, parseTarget } from '@netsonde/probes/catalog';
import type { Options } from './model.ts';
import type { WarnedCheck } from './warnings.ts';

/** How long a run takes, s. */
interface RunTime {
  /** What passes between its first packet and its last, whatever the target does. */
  readonly leastSeconds: number;
  /** At most, where nothing answers; resolving aside. */
  readonly silentSeconds: number;
  /** At most, of any of the targets. */
  readonly mostSeconds: number;
}

/** Checks whose runs overlap always, or in bad times: worth knowing before a test is made. */
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
