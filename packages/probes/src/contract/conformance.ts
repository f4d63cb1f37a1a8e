import type { ProbeDescriptor } from './descriptor.ts';
import { rangeFault, rangeOf } from './figure-range.ts';
import type { Outcome } from './outcome.ts';

/** Lists where an outcome contradicts its descriptor; empty when it does not. Every runner's suite calls it. */
export function faultsOf(descriptor: ProbeDescriptor, outcome: Outcome): readonly string[] {
  const faults: string[] = [];
  const known = new Map(descriptor.metrics.map((metric) => [metric.id, metric]));
  for (const [id, value] of Object.entries(outcome.metrics)) {
    const metric = known.get(id);
    if (metric === undefined) faults.push(`${id} is not declared`);
    else if (!fits(metric.kind, value)) faults.push(`${id} is ${String(value)}, declared as ${metric.kind}`);
    const range = metric === undefined || typeof value !== 'number' ? null : rangeFault(rangeOf(metric), value);
    if (range !== null) faults.push(`${id} is ${String(value)}: it ${range}`);
    if (id in outcome.absent) faults.push(`${id} is both measured and absent`);
  }
  for (const id of Object.keys(outcome.absent)) if (!known.has(id)) faults.push(`${id} is absent but not declared`);
  for (const id of known.keys())
    if (!(id in outcome.metrics) && !(id in outcome.absent)) faults.push(`${id} is neither measured nor absent`);
  for (const [id, values] of Object.entries(outcome.samples ?? {})) {
    const sample = descriptor.samples.find((one) => one.id === id);
    if (sample === undefined) faults.push(`samples ${id} are not declared`);
    else if (values.some((value) => value !== null && rangeFault(rangeOf(sample), value) !== null))
      faults.push(`samples ${id} are out of range`);
  }
  if ((outcome.verdict === 'up') !== (outcome.finding === undefined))
    faults.push('a finding belongs to each verdict but up');
  return faults;
}

function fits(kind: ProbeDescriptor['metrics'][number]['kind'], value: unknown): boolean {
  switch (kind) {
    case 'float':
      return typeof value === 'number' && Number.isFinite(value);
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
  }
}
