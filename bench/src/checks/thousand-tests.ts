import type { Result, Test } from '@netsonde/protocol/api';
import type { Product } from '../running/product.ts';
import type { Kind } from './kinds.ts';

/** What the stored runs of many tests show about an agent's schedule. */
export interface ScheduleFigures {
  /** From the start of the agent's process to the last instant that it missed because it had not started yet, s. */
  readonly scheduledAfterSeconds: number;
  readonly runs: number;
  /** Instants between a series' first and last run without a result. */
  readonly missing: number;
  /** Runs whose instant is not a whole number of intervals after the series' first. */
  readonly offGrid: number;
  /** Start of a run after its instant, ms. */
  readonly lateMedianMs: number;
  readonly lateP99Ms: number;
  /** Median of a series' last lateness minus its first, ms: it grows with a schedule that drifts. */
  readonly driftMs: number;
}

/** Tests of one check and one target each, for any agent. */
export async function makeTests(
  { api }: Product,
  kind: Kind,
  count: number,
  interval: number,
): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const { id } = await api.post<Test>('/tests', {
      name: `${kind.probe} ${index}`,
      targets: [{ address: kind.ours(index) }],
      checks: [{ probe: kind.probe, options: kind.options }],
      agents: { by: 'any', count: 1 },
      interval,
      duration: null,
    });
    ids.push(id);
  }
  return ids;
}

/** Reads the stored runs of the tests since an agent's start (epoch ms) and evaluates them by their interval, s. */
export async function scheduleFigures(
  { api }: Product,
  tests: readonly number[],
  startedMs: number,
  interval: number,
): Promise<ScheduleFigures> {
  const series: Run[][] = [];
  for (const id of tests) series.push(await runsOf(api, id, startedMs));
  if (series.some((runs) => runs.length < 2)) throw new Error('a test has fewer than two runs');
  const intervalMs = interval * 1000;
  const late = series.flatMap((runs) => runs.map((run) => run.late)).sort((a, b) => a - b);
  const steps = series.flatMap((runs) => runs.slice(1).map((run, index) => run.atMs - (runs[index]?.atMs ?? 0)));
  // The agent had not started yet at the instant before a series' first run, where that instant was after the start.
  const unserved = series.map(([first]) => (first?.atMs ?? 0) - intervalMs - startedMs);
  const growth = series.map((runs) => (runs.at(-1)?.late ?? 0) - (runs[0]?.late ?? 0)).sort((a, b) => a - b);
  return {
    scheduledAfterSeconds: Math.max(0, ...unserved) / 1000,
    runs: late.length,
    missing: steps.reduce((sum, step) => sum + Math.round(step / intervalMs) - 1, 0),
    offGrid: steps.filter((step) => step % intervalMs !== 0).length,
    lateMedianMs: share(late, 0.5),
    lateP99Ms: share(late, 0.99),
    driftMs: share(growth, 0.5),
  };
}

interface Run {
  readonly atMs: number;
  readonly late: number;
}

/** Oldest first. */
async function runsOf(api: Product['api'], test: number, fromMs: number): Promise<Run[]> {
  const from = encodeURIComponent(new Date(fromMs).toISOString());
  const { results } = await api.get<{ results: Result[] }>(`/tests/${test}/results?from=${from}&limit=1000`);
  return results.map(({ at, late }) => ({ atMs: Date.parse(at), late })).sort((a, b) => a.atMs - b.atMs);
}

const share = (sorted: readonly number[], part: number) => sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
