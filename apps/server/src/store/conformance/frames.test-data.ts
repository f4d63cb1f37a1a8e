import type { Catalog, MetricDescriptor } from '@netsonde/probes/catalog';
import { declareProbe } from '@netsonde/probes/catalog';
import type { Drop, MissedRecord, RunRecord } from '@netsonde/protocol';
import { z } from 'zod';
import type { VerdictQuestion } from '../result-store.ts';

const metric = (id: string, kind: MetricDescriptor['kind']): MetricDescriptor => ({
  id,
  label: id,
  description: `${id} of the suite's probe`,
  kind,
  unit: null,
  better: 'neither',
  aggregate: 'mean',
  source: 'the suite',
});

/** A probe that exists only in this suite. */
export const SUITE_CATALOG: Catalog = {
  sonar: declareProbe({
    id: 'sonar',
    label: 'Sonar',
    summary: 'A probe of the store suite.',
    target: { form: 'host' },
    options: z.object({}),
    metrics: [
      { ...metric('depth_m', 'float'), sketch: true },
      metric('pings', 'integer'),
      metric('clear', 'boolean'),
      metric('note', 'text'),
    ],
    samples: [],
    instance: { label: 'beam', metrics: [metric('angle', 'float')] },
    needs: [],
    cost: () => ({ packets: 1, bytes: 1, seconds: 1, leastSeconds: 0, resolvingSeconds: 0 }),
  }),
};

export const records = (epoch: number, items: readonly unknown[], kind: 'live' | 'backlog' = 'live'): Uint8Array =>
  Buffer.from(JSON.stringify({ type: 'records', kind, epoch, items }));

export const drops = (epoch: number, list: readonly Drop[]): Uint8Array =>
  Buffer.from(JSON.stringify({ type: 'drops', epoch, drops: list }));

export const run = (seq: number, more: Partial<RunRecord> = {}): RunRecord => ({
  t: 'run',
  seq,
  check: 1,
  target: 1,
  at: 1_700_000_000_000 + seq * 1000,
  late: 0.25,
  took: 12.5,
  verdict: 'up',
  metrics: { depth_m: seq + 0.5 },
  absent: {},
  stamps: { kernel: 1, process: 0 },
  ...more,
});

export const FINDING = { cause: 'timeout', side: 'target', operation: 'ping 192.0.2.1' } as const;

export const missedOf = (seq: number, more: Partial<MissedRecord>): MissedRecord => ({
  t: 'missed',
  seq,
  check: 1,
  target: 1,
  from: 0,
  to: 0,
  count: 1,
  reason: 'agent_off',
  ...more,
});

/** Query for the newest verdicts of these checks, however old they are. */
export const verdictsOf = (checks: readonly number[], more: Partial<VerdictQuestion> = {}): VerdictQuestion[] =>
  checks.map((check) => ({
    check,
    atMs: Number.MAX_SAFE_INTEGER,
    notHeardAfterMs: Number.POSITIVE_INFINITY,
    due: null,
    clockOffsets: new Map(),
    ...more,
  }));

/** The counts of verdicts of no series. */
export const NONE = { up: 0, degraded: 0, down: 0, unknown: 0, waiting: 0 } as const;
