import type { RunRecord } from '@netsonde/protocol';
import { FINDING, records, run } from './frames.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Midnight (UTC) some days ago: recent enough that no result expires before a test sets a retention. */
export const midnight = (daysAgo: number): number => Math.floor(Date.now() / DAY_MS - daysAgo) * DAY_MS;

/** One result per interval: values that wander, every 7th absent and down, two observations each. */
export function longSeries(
  startMs: number,
  count: number,
  intervalMs: number,
  more: Partial<RunRecord> = {},
): RunRecord[] {
  return Array.from({ length: count }, (_, seq) => {
    const value = 20 + 8 * Math.sin(seq / 50) + ((seq * 7919) % 97) / 31;
    const measured =
      seq % 7 === 6
        ? { metrics: {}, absent: { depth_m: 'timed_out' as const }, verdict: 'down' as const, finding: FINDING }
        : {
            metrics: { depth_m: value, pings: 2, clear: seq % 3 === 0 },
            samples: { echo_m: [value, null, value * 2] },
          };
    return run(seq, { at: startMs + seq * intervalMs, ...measured, ...more });
  });
}

/** Sends results in frames of a hundred, in the order given. */
export async function sendAll(suite: Suite, all: readonly RunRecord[]): Promise<void> {
  for (let i = 0; i < all.length; i += 100) await suite.take(records(1, all.slice(i, i + 100)));
}

/** The expected bucket of a metric's chart, computed from the results. */
export function bucketOf(all: readonly RunRecord[], metric: string, fromMs: number, toMs: number) {
  const inside = all.filter(({ at }) => at >= fromMs && at < toMs);
  const values = inside.flatMap(({ metrics, samples }) => {
    if (metric === 'echo_m[]') return (samples?.echo_m ?? []).filter((value) => value !== null);
    const value = metrics[metric];
    return value === undefined ? [] : [Number(value)];
  });
  const sorted = values.toSorted((a, b) => a - b);
  return {
    inside,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    min: sorted[0],
    max: sorted.at(-1),
    /** By nearest rank. */
    percentile: (percent: number) => sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? Number.NaN,
  };
}
