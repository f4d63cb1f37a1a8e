import { runMeasured } from '../report/cpu.ts';

/** The result of a round of fping. */
export interface FpingRound {
  readonly sent: number;
  readonly received: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly rttsMs: readonly number[];
}

/**
 * The flags of a round: `-p` is the time between two echoes to one target, ms, and `-i` the minimum time between any
 * two.
 */
export const fpingFlags = (count: number, periodMs: number, betweenMs: number): string[] => {
  const flags = ['-q', '-C', String(count), '-p', String(periodMs), '-i', String(betweenMs), '-t', '500'];
  return flags;
};

/** Pings each target `count` times with fping (Debian package fping). @throws Error when it does not run. */
export async function fpingRound(targets: readonly string[], flags: readonly string[]): Promise<FpingRound> {
  const finished = await runMeasured('fping', [...flags, ...targets]);
  const answers = finished.stderr
    .split('\n')
    .filter((line) => line.includes(' : '))
    .flatMap((line) =>
      line
        .slice(line.indexOf(' : ') + 3)
        .trim()
        .split(/ +/),
    );
  if (answers.length === 0) throw new Error(`fping said no round trips (exit ${finished.code}): ${finished.stderr}`);
  const rttsMs = answers.filter((answer) => answer !== '-').map(Number);
  return { ...finished, sent: answers.length, received: rttsMs.length, rttsMs };
}
