import type { Result } from '@netsonde/protocol/api';

/** How many of the results lack a metric for one reason. */
export interface Absence {
  readonly metric: string;
  readonly reason: string;
  readonly count: number;
}

/** Absences of the runs themselves, most frequent first. */
export function absencesOf(results: readonly Pick<Result, 'absent'>[]): readonly Absence[] {
  const found = new Map<string, Absence>();
  for (const { absent } of results)
    for (const [metric, reason] of Object.entries(absent)) {
      const key = `${metric}/${reason}`;
      found.set(key, { metric, reason, count: (found.get(key)?.count ?? 0) + 1 });
    }
  return [...found.values()].sort((a, b) => b.count - a.count || a.metric.localeCompare(b.metric));
}
