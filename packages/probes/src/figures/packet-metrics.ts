import { lossPct } from '@netsonde/metrics';
import type { MetricDescriptor } from '../contract/metric.ts';
import { silenceOf } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import type { Figures } from './rtt-metrics.ts';

const count = { kind: 'integer', unit: null, aggregate: 'sum' } as const;
const answers = { ...count, countsSilence: 'always' } as const;

/** `sent`, `received`, `duplicates`, `late`, `reordered`, `truncated`, `corrupted` and `loss_pct`, as each probe that sends packets declares them. */
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
    ...answers,
    better: 'higher',
    source: 'RFC 7680 (received within the waiting time; a duplicate is not counted again)',
  },
  {
    id: 'duplicates',
    label: 'Duplicates',
    description: 'Answers to a packet that had been answered before',
    ...answers,
    better: 'lower',
    source: 'RFC 7680 (duplicates are counted apart)',
  },
  {
    id: 'late',
    label: 'Late',
    description: 'First answers that came after the timeout while the run still listened; they count as lost',
    ...answers,
    better: 'lower',
    source: 'RFC 7680 (waiting time)',
  },
  {
    id: 'reordered',
    label: 'Reordered',
    description: 'Answers within the timeout that were overtaken by the answer to a packet sent later, copies left out',
    ...answers,
    better: 'lower',
    source: 'RFC 4737 (Type-P-Reordered)',
  },
  {
    id: 'truncated',
    label: 'Truncated',
    description: 'Answers within the timeout with fewer bytes than were sent; they count as received',
    ...answers,
    better: 'lower',
    source: 'compared by the probe',
  },
  {
    id: 'corrupted',
    label: 'Corrupted',
    description: 'Answers within the timeout with other or more bytes than were sent; they count as received',
    ...answers,
    better: 'lower',
    source: 'compared by the probe',
  },
  {
    id: 'loss_pct',
    label: 'Loss',
    description: 'Share of the packets sent that were not answered within the timeout, of the round trip',
    kind: 'float',
    unit: 'pct',
    better: 'lower',
    aggregate: 'mean',
    countsSilence: 'always',
    source: 'RFC 7680 (of the round trip)',
    derivedFrom: ['sent', 'received'],
    headline: true,
  },
] as const);

/** The packet counts of a run. */
export interface PacketCounts {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly late: number;
  readonly reordered: number;
  /** Absent where answers are not compared with what was sent. */
  readonly truncated?: number;
  readonly corrupted?: number;
}

/**
 * The counts and the loss. With nothing sent there is no loss (`run_failed`), and it is unknown where the run did not
 * follow each packet to its end.
 */
export function packetFigures(
  { sent, received, duplicates, late, reordered, truncated, corrupted }: PacketCounts,
  { watched = true }: { readonly watched?: boolean } = {},
): Figures {
  const loss = watched ? lossPct(sent, received) : undefined;
  const isCompared = truncated !== undefined && corrupted !== undefined;
  return {
    metrics: {
      ...{ sent, received, duplicates, late, reordered },
      ...(isCompared ? { truncated, corrupted } : {}),
      ...(loss === undefined ? {} : { loss_pct: loss }),
    },
    absent: {
      ...(isCompared ? {} : { truncated: 'not_supported', corrupted: 'not_supported' }),
      ...(loss === undefined ? { loss_pct: 'run_failed' } : {}),
    },
  };
}

/**
 * The most severe fault of the answers that arrived, or null: bytes that differ, then packets lost, then bytes that are
 * missing. They make a run at most degraded.
 * @param at the operation, such as `echo 192.0.2.1`
 * @param address the address that answered
 */
export function flawFinding(
  at: string,
  { sent, received, truncated = 0, corrupted = 0 }: PacketCounts,
  address: string,
): Finding | null {
  if (corrupted > 0)
    return {
      cause: 'payload_mismatch',
      side: 'target',
      operation: `${at}: ${corrupted} of ${received} answers differ from what was sent`,
    };
  if (received > 0 && received < sent)
    return { ...silenceOf(address), cause: 'loss', operation: `${at}: ${received} of ${sent} answered` };
  if (truncated > 0)
    return {
      cause: 'payload_truncated',
      side: 'target',
      operation: `${at}: ${truncated} of ${received} answers are shorter than what was sent`,
    };
  return null;
}
