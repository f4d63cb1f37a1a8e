import type { Cell } from './metric-column.ts';
import type { Instances, Row } from './row.ts';

/** Which columns the blocks of a kind of result have: kept once, named by number in each block. */
export interface BlockLayout {
  readonly samples: readonly string[];
  readonly metrics: readonly string[];
  /** Metrics of any instance. */
  readonly instanceMetrics: readonly string[];
}

/** An instance's slot in a block: its key, and which of the instances of that key in one result it is. */
export const slotsOf = (instances: Instances): readonly string[] => {
  const seen = new Map<string, number>();
  return instances.map(({ key }) => {
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return `${nth} ${key}`;
  });
};

export const keyOfSlot = (slot: string): string => slot.slice(slot.indexOf(' ') + 1);

export function layoutOf(rows: readonly Row[]): BlockLayout {
  const samples = new Set<string>();
  const metrics = new Set<string>();
  const instanceMetrics = new Set<string>();
  for (const { record } of rows) {
    for (const id in record.samples) samples.add(id);
    for (const id in record.metrics) metrics.add(id);
    for (const id in record.absent) metrics.add(id);
    for (const instance of record.instances ?? []) {
      for (const id in instance.metrics) instanceMetrics.add(id);
      for (const id in instance.absent) instanceMetrics.add(id);
    }
  }
  return { samples: [...samples], metrics: [...metrics], instanceMetrics: [...instanceMetrics] };
}

/** Slots of all rows, in the order of their first sight. */
export function allSlots(rows: readonly Row[]): readonly string[] {
  const slots = new Set<string>();
  for (const { record } of rows) for (const slot of slotsOf(record.instances ?? [])) slots.add(slot);
  return [...slots];
}

interface Measured {
  readonly metrics: Row['record']['metrics'];
  readonly absent: Row['record']['absent'];
}

export function cellIn(of: Measured | undefined, id: string): Cell {
  if (of === undefined) return {};
  const value = Object.hasOwn(of.metrics, id) ? of.metrics[id] : undefined;
  if (value !== undefined) return { value };
  const reason = Object.hasOwn(of.absent, id) ? of.absent[id] : undefined;
  return reason === undefined ? {} : { reason };
}
