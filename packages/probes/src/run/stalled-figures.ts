import type { ProbeDescriptor } from '../contract/descriptor.ts';
import type { MetricTiming, MetricValue, Samples } from '../contract/metric.ts';
import type { Outcome, Span } from '../contract/outcome.ts';
import type { AbsenceReason } from '../contract/verdict.ts';

/**
 * The outcome without the figures that a stalled process may have falsified: those are absent, reason `stalled`.
 * Figures that the kernel timed stay.
 * @param run the whole run, on the clock of the stall watch
 * @param stalledMs returns the longest stall within an interval, ms; 0: none long enough to matter
 */
export function withoutStalledFigures(
  descriptor: ProbeDescriptor,
  outcome: Outcome,
  run: Span,
  stalledMs: (during: Span) => number,
): Outcome {
  const isStalled = stalledMs(run) > 0;
  if (!isStalled && outcome.timedDuring === undefined) return outcome;
  const { timedDuring = {}, ...rest } = outcome;
  if (!isStalled) return rest;
  const wholeRun = [run];
  const isFalsified = (id: string, timed: MetricTiming | undefined): boolean => {
    if (timed === undefined || timed === 'elsewhere') return false;
    const byKernel = timed === 'kernel' && outcome.stamps.process === 0;
    const spans = timedDuring[id] ?? (byKernel ? [] : wholeRun);
    return spans.some((span) => stalledMs(span) > 0);
  };
  const metrics: Record<string, MetricValue> = { ...outcome.metrics };
  const absent: Record<string, AbsenceReason> = { ...outcome.absent };
  for (const { id, timed } of descriptor.metrics) {
    if (metrics[id] === undefined || !isFalsified(id, timed)) continue;
    delete metrics[id];
    absent[id] = 'stalled';
  }
  const judged: Outcome = { ...rest, metrics, absent };
  if (outcome.samples === undefined) return judged;
  const falsified = new Set(descriptor.samples.filter(({ id, timed }) => isFalsified(id, timed)).map(({ id }) => id));
  return { ...judged, samples: without(outcome.samples, falsified) };
}

const without = (samples: Samples, ids: ReadonlySet<string>): Samples =>
  Object.fromEntries(Object.entries(samples).filter(([id]) => !ids.has(id)));
