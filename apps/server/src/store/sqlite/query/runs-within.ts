/** Runs of which only the count and the first and last instant are known, epoch ms. */
interface CountedRuns {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** Estimates how many runs lie in [fromMs, toMs), assuming that they are evenly spaced. */
export function runsWithin({ fromMs: first, toMs: last, count }: CountedRuns, fromMs: number, toMs: number): number {
  if (first >= fromMs && last < toMs) return count;
  if (count === 1 || last === first) return first >= fromMs && first < toMs ? count : 0;
  const spacing = (last - first) / (count - 1);
  const before = (instant: number) => Math.min(count, Math.max(0, Math.ceil((instant - first) / spacing - 1e-9)));
  return before(toMs) - before(fromMs);
}
