import type { ProbeDescriptor } from '../contract/descriptor.ts';
import type { MetricDescriptor, MetricValue, Samples } from '../contract/metric.ts';
import type { Absences, MetricValues, Outcome } from '../contract/outcome.ts';
import type { AbsenceReason } from '../contract/verdict.ts';

/** Reasons that blame the far end for a missing answer. */
const SILENCES: ReadonlySet<AbsenceReason> = new Set<AbsenceReason>(['timed_out', 'no_responder']);

/**
 * The outcome of a run whose fault is on the agent's side, without the figures in which missing answers count: those
 * are absent, reason `run_failed`, since nobody knows whether the target would have answered. What was sent stays, and
 * so do figures of the answers that arrived.
 */
export function withoutSilence(descriptor: ProbeDescriptor, outcome: Outcome): Outcome {
  if (outcome.finding?.side !== 'agent') return outcome;
  const { samples, instances } = outcome;
  const ofInstances = descriptor.instance?.metrics ?? [];
  return {
    ...outcome,
    ...answered(descriptor.metrics, outcome),
    ...(samples === undefined ? {} : { samples: answersOf(samples) }),
    ...(instances === undefined
      ? {}
      : { instances: instances.map((one) => ({ ...one, ...answered(ofInstances, one) })) }),
  };
}

interface Figures {
  readonly metrics: MetricValues;
  readonly absent: Absences;
}

function answered(declared: readonly MetricDescriptor[], figures: Figures): Figures {
  const metrics: Record<string, MetricValue> = { ...figures.metrics };
  const absent: Record<string, AbsenceReason> = { ...figures.absent };
  for (const { id, countsSilence } of declared) {
    const reason = absent[id];
    const value = metrics[id];
    const blames = countsSilence === 'always' || (countsSilence === 'if_zero' && value === 0);
    if (blames && value !== undefined) {
      delete metrics[id];
      absent[id] = 'run_failed';
    } else if (reason !== undefined && SILENCES.has(reason)) absent[id] = 'run_failed';
  }
  return { metrics, absent };
}

/** Without the nulls, which stand for lost packets. A list of nothing else is left out. */
function answersOf(samples: Samples): Samples {
  const lists = Object.entries(samples).map(([id, values]) => [id, values.filter((value) => value !== null)] as const);
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0));
}
