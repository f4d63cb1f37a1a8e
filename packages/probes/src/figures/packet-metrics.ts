import { lossPct } from '@netsonde/metrics';
import type { MetricDescriptor } from '../contract/metric.ts';
import type { Figures } from './rtt-metrics.ts';

const count = { kind: 'integer', unit: null, aggregate: 'sum' } as const;

/** `sent`, `received`, `duplicates`, `late`, `reordered` and `loss_pct`, as each probe that sends packets declares them. */
export const packetMetrics: readonly MetricDescriptor[] = Object.freeze([
  {
    id: 'sent',
    label: 'Sent',
    description: 'Packets that the kernel took for sending',
    ...count,
    better: 'neither',
    source: 'counted by the probe',
  },
  {
    id: 'received',
    label: 'Received',
    description: 'Packets answered within the timeout; copies are not counted again',
    ...count,
    better: 'higher',
    source: 'RFC 7680 (received within the waiting time; a duplicate is not counted again)',
  },
  {
    id: 'duplicates',
    label: 'Duplicates',
    description: 'Answers to a packet that had been answered before',
    ...count,
    better: 'lower',
    source: 'RFC 7680 (duplicates are counted apart)',
  },
  {
    id: 'late',
    label: 'Late',
    description: 'First answers that came after the timeout while the run still listened; they count as lost',
    ...count,
    better: 'lower',
    source: 'RFC 7680 (waiting time)',
  },
  {
    id: 'reordered',
    label: 'Reordered',
    description: 'Answers within the timeout that were overtaken by the answer to a packet sent later, copies left out',
    ...count,
    better: 'lower',
    source: 'RFC 4737 (Type-P-Reordered)',
  },
  {
    id: 'loss_pct',
    label: 'Loss',
    description: 'Share of the packets sent that were not answered within the timeout, of the round trip',
    kind: 'float',
    unit: 'pct',
    better: 'lower',
    aggregate: 'mean',
    source: 'RFC 7680 (of the round trip)',
    derivedFrom: ['sent', 'received'],
    headline: true,
  },
] as const);

/** What was counted in a run. */
export interface PacketCounts {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly late: number;
  readonly reordered: number;
}

/**
 * The counts and the loss. With nothing sent there is no loss (`run_failed`), and none that is known where the run did
 * not watch each packet to its end.
 */
export function packetFigures(
  { sent, received, duplicates, late, reordered }: PacketCounts,
  { watched = true }: { readonly watched?: boolean } = {},
): Figures {
  const loss = watched ? lossPct(sent, received) : undefined;
  const counts = { sent, received, duplicates, late, reordered };
  return loss === undefined
    ? { metrics: counts, absent: { loss_pct: 'run_failed' } }
    : { metrics: { ...counts, loss_pct: loss }, absent: {} };
}
